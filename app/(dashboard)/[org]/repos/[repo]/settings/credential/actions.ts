"use server";

import {
  createCredentialForm,
  credentialForm,
  removeCredentialForm,
  rotateCredentialForm,
} from "@/lib/contract/credentials";
import { chooseRenewalForm } from "@/lib/contract/renewals";
import { rotateAllForm } from "@/lib/contract/rotations";
import { chooseRenewal } from "@/lib/domain/renewals/choose-renewal";
import { requestRotation } from "@/lib/domain/rotations/request-rotation";
import { credentialPath, rotationPath } from "@/lib/contract/paths";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { findCredential } from "@/lib/domain/credentials/find-credential";
import { removeCredential } from "@/lib/domain/credentials/remove-credential";
import { discardRotation, finishRotation } from "@/lib/domain/credentials/finish-rotation";
import { erasePrevious } from "@/lib/domain/credentials/erase-previous";
import { rollBackCredential } from "@/lib/domain/credentials/roll-back-credential";
import type { Context } from "@/lib/domain/context";
import type { CredentialPageQuery } from "@/lib/contract/credential-page";
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
  run: async (ctx, { id, usernameChoice, username, untested, ...secret }) => {
    const { repositoryName } = await findCredential(ctx, id);
    const chosen = { keep: undefined, replace: username, none: null }[usernameChoice];
    await provedByForm(untested, (test) => rotateCredential(ctx, { id, username: chosen, ...secret, test }));
    return repositoryName;
  },
  redirectTo: (name, org) => `${credentialPath(org, name)}?done=rotated`,
});

/** An act on the stored credential, which its page then tells of. */
function credentialAct(
  act: (ctx: Context, input: { id: string }) => Promise<unknown>,
  done: CredentialPageQuery["done"],
) {
  return memberAction({
    permission: "credential:write",
    input: credentialForm,
    run: async (ctx, { id }) => {
      const { repositoryName } = await findCredential(ctx, id);
      await act(ctx, { id });
      return repositoryName;
    },
    redirectTo: (name, org) => `${credentialPath(org, name)}?done=${done}`,
  });
}

export const testThisCredential = credentialAct(testCredential, "tested");
export const finishThisRotation = credentialAct(finishRotation, "rotated");
export const discardThisRotation = credentialAct(discardRotation, "discarded");
export const rollThisBack = credentialAct(rollBackCredential, "rolled_back");
export const eraseThePrevious = credentialAct(erasePrevious, "erased");

export const chooseThisRenewal = memberAction({
  permission: "credential:write",
  input: chooseRenewalForm,
  run: async (ctx, { id, on }) => {
    const { repositoryName } = await findCredential(ctx, id);
    await chooseRenewal(ctx, { id, on: on === "true" });
    return { name: repositoryName, on };
  },
  redirectTo: ({ name, on }, org) => `${credentialPath(org, name)}?done=${on === "true" ? "renews" : "renews_not"}`,
});

export const rotateForAll = memberAction({
  permission: "credential:write",
  input: rotateAllForm,
  secretFields,
  run: requestRotation,
  redirectTo: ({ id }, org) => rotationPath(org, id),
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
