"use server";

import {
  createCredentialForm,
  removeCredentialForm,
  rotateCredentialForm,
  testCredentialForm,
} from "@/lib/contract/credentials";
import { credentialPath } from "@/lib/contract/paths";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { findCredential } from "@/lib/domain/credentials/find-credential";
import { removeCredential } from "@/lib/domain/credentials/remove-credential";
import { provedByForm } from "./proved-by-form";
import { testCredential } from "@/lib/domain/credentials/test-credential";
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
  run: async (ctx, { untested, ...input }) => {
    const { name } = await findRepository(ctx, input.repository);
    await provedByForm(untested, (test) => createCredential(ctx, { ...input, test }));
    return name;
  },
  redirectTo: (name, org) => `${credentialPath(org, name)}?done=added`,
});

export const rotateThisCredential = memberAction({
  permission: "credential:write",
  input: rotateCredentialForm,
  secretFields,
  run: async (ctx, { id, usernameChoice, username, password, untested }) => {
    const { repositoryName } = await findCredential(ctx, id);
    const chosen = { keep: undefined, replace: username, none: null }[usernameChoice];
    await provedByForm(untested, (test) => rotateCredential(ctx, { id, username: chosen, password, test }));
    return repositoryName;
  },
  redirectTo: (name, org) => `${credentialPath(org, name)}?done=rotated`,
});

export const testThisCredential = memberAction({
  permission: "credential:write",
  input: testCredentialForm,
  run: async (ctx, { id }) => {
    const { repositoryName } = await findCredential(ctx, id);
    await testCredential(ctx, { id });
    return repositoryName;
  },
  redirectTo: (name, org) => `${credentialPath(org, name)}?done=tested`,
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
