import type { BootstrapOrganization } from "@/lib/contract/bootstrap";
import type { Context } from "../context";
import { newId } from "../new-id";
import { DomainError } from "../errors";
import { hashPassword, passwordMatches } from "../members/password";
import { addSigningKey } from "../signing-keys/add-signing-key";
import { parsePublicKey } from "../signing-keys/parse-public-key";
import { recordAudit } from "../audit/record-audit";
import { createOrganization } from "./create-organization";

const BY = "bootstrap file";

/**
 * Makes what the bootstrap file names and is not there yet; what exists stays as it is, a changed password too. Throws
 * `conflict` where the admin's address belongs to somebody in another organization whose password is not the file's.
 */
export async function applyBootstrap(ctx: Omit<Context, "actor">, wanted: BootstrapOrganization): Promise<void> {
  const organization =
    (await ctx.db.organization.findUnique({
      where: { slug: wanted.organization },
      select: { id: true, slug: true },
    })) ?? (await ctx.db.$transaction((tx) => createOrganization(tx, ctx, { slug: wanted.organization, by: BY })));
  const actor = {
    kind: "system",
    name: BY,
    organizationId: organization.id,
    organizationSlug: organization.slug,
  } as const;
  const systemCtx: Context = { ...ctx, actor };
  if (wanted.admin) await ensureOwner(systemCtx, wanted.admin);
  for (const { name, public_key_pem: publicKeyPem } of wanted.signing_keys) {
    const { thumbprint } = await parsePublicKey(publicKeyPem);
    const stored = await ctx.db.signingKey.findFirst({
      where: { organizationId: organization.id, thumbprint },
      select: { id: true },
    });
    if (!stored) await addSigningKey(systemCtx, { name, publicKeyPem });
  }
}

async function ensureOwner(ctx: Context, { email, password }: { email: string; password: string }): Promise<void> {
  const { organizationId } = ctx.actor;
  const existing = await ctx.db.user.findUnique({
    where: { email },
    select: { id: true, passwordHash: true, memberships: { where: { organizationId }, select: { role: true } } },
  });
  if (existing && existing.memberships.length > 0) return;
  // Whoever was invited under this address elsewhere may be somebody else: who owns the organization knows the password.
  if (existing && !(await passwordMatches(existing.passwordHash, password))) {
    throw new DomainError(
      "conflict",
      `${email} signs in already, and not with the file's password, so they were not made an owner. Give the password that they sign in with, or another address.`,
    );
  }
  const passwordHash = existing ? undefined : await hashPassword(password);
  await ctx.db.$transaction(async (tx) => {
    const userId = existing?.id ?? newId("usr");
    if (passwordHash) await tx.user.create({ data: { id: userId, email, passwordHash, createdAt: ctx.clock() } });
    await tx.membership.create({ data: { organizationId, userId, role: "owner", createdAt: ctx.clock() } });
    await recordAudit(tx, ctx, { action: "member.joined", targetId: userId, details: { email, role: "owner" } });
  });
}
