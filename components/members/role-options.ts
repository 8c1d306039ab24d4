import type { SelectOption } from "@/components/ui/select-field";

/** The roles that a member may give: only owners make owners. */
export function roleOptions({ owner }: { owner: boolean }): SelectOption[] {
  return [
    { value: "viewer", label: "viewer" },
    { value: "admin", label: "admin" },
    ...(owner ? [{ value: "owner", label: "owner" }] : []),
  ];
}
