"use server";

import { createCredentialForm, removeCredentialForm, rotateCredentialForm } from "@/lib/contract/credentials";
import { credentialPath } from "@/lib/contract/paths";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { findCredential } from "@/lib/domain/credentials/find-credential";
import { removeCredential } from "@/lib/domain/credentials/remove-credential";
import { rotateCredential } from "@/lib/domain/credentials/rotate-credential";
import { findRepository } from "@/lib/domain/repositories/find-repository";
import { memberAction } from "@/lib/platform/session/member-action";
import { requireConfirmation } from "@/lib/platform/session/require-confirmation";

/** The username may be a token itself, so no form gets one back. */
const secretFields = ["username", "password"] as const;

export const addCredential = memberAction({
  permission: "credential:write",
  input: createCredentialForm,
  secretFields,
  run: async (ctx, input) => {
    const { name } = await findRepository(ctx, input.repository);
    await createCredential(ctx, input);
    return name;
  },
  redirectTo: (name, org) => `${credentialPath(org, name)}?done=added`,
});

export const rotateThisCredential = memberAction({
  permission: "credential:write",
  input: rotateCredentialForm,
  secretFields,
  run: async (ctx, { id, usernameChoice, username, password }) => {
    const { repositoryName } = await findCredential(ctx, id);
    const chosen = { keep: undefined, replace: username, none: null }[usernameChoice];
    await rotateCredential(ctx, { id, username: chosen, password });
    return repositoryName;
  },
  redirectTo: (name, org) => `${credentialPath(org, name)}?done=rotated`,
});

export const removeThisCredential = memberAction({
  permission: "credential:write",
  input: removeCredentialForm,
  run: async (ctx, { id, confirm }) => {
    const { repositoryName } = await findCredential(ctx, id);
    requireConfirmation(confirm, repositoryName);
    await removeCredential(ctx, { id });
    return repositoryName;
  },
  redirectTo: (name, org) => `${credentialPath(org, name)}?done=removed`,
});
