"use server";

import { credentialPath, repositoryPath } from "@/lib/contract/paths";
import { createRepositoryForm } from "@/lib/contract/repositories";
import { createRepository } from "@/lib/domain/repositories/create-repository";
import { providerFromWire } from "@/lib/domain/repositories/provider-names";
import { memberAction } from "@/lib/platform/session/member-action";

export const addRepository = memberAction({
  permission: "repository:write",
  input: createRepositoryForm,
  run: async (ctx, { name, defaultBranch, provider, host, owner, upstreamName }) => {
    await createRepository(ctx, {
      name,
      defaultBranch,
      upstream: { provider: providerFromWire(provider), host, owner, name: upstreamName },
    });
    return { name, needsCredential: provider !== "github" };
  },
  redirectTo: ({ name, needsCredential }, org) =>
    needsCredential ? credentialPath(org, name) : repositoryPath(org, name),
});
