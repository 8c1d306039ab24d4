/** Keeps one organization from taking all of an instance's pulls at a time. */
export interface OrganizationSlots {
  /** Whether the organization may run one more; if so, it must be given back. */
  take(organizationId: string): boolean;
  giveBack(organizationId: string): void;
}

/** Slots of which an organization has at most so many at a time. */
export function organizationSlots(most: number): OrganizationSlots {
  const running = new Map<string, number>();
  return {
    take(organizationId) {
      const now = running.get(organizationId) ?? 0;
      if (now >= most) return false;
      running.set(organizationId, now + 1);
      return true;
    },
    giveBack(organizationId) {
      const left = (running.get(organizationId) ?? 1) - 1;
      if (left > 0) running.set(organizationId, left);
      else running.delete(organizationId);
    },
  };
}
