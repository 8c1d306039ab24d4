"use server";

import { signingKeysPath } from "@/lib/contract/paths";
import { addSigningKeyForm, revokeSigningKeyForm, tokenPolicyForm } from "@/lib/contract/signing-keys";
import { addSigningKey } from "@/lib/domain/signing-keys/add-signing-key";
import { changeTokenPolicy } from "@/lib/domain/signing-keys/change-token-policy";
import { revokeSigningKey } from "@/lib/domain/signing-keys/revoke-signing-key";
import { memberAction } from "@/lib/platform/session/member-action";

export const addKey = memberAction({
  permission: "signing-key:write",
  input: addSigningKeyForm,
  // Somebody may paste the private half by mistake: what was pasted never comes back.
  secretFields: ["publicKeyPem"],
  run: addSigningKey,
  redirectTo: (_, org) => `${signingKeysPath(org)}?done=added`,
});

export const revokeKey = memberAction({
  permission: "signing-key:write",
  input: revokeSigningKeyForm,
  run: revokeSigningKey,
  redirectTo: (_, org) => `${signingKeysPath(org)}?done=revoked`,
});

export const changePolicy = memberAction({
  permission: "signing-key:write",
  input: tokenPolicyForm,
  run: changeTokenPolicy,
});
