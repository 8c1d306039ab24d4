"use server";

import { z } from "zod";
import { listRepositoryViews } from "@/lib/domain/repositories/list-repositories";
import { memberContext } from "@/lib/platform/session/current-member";

const query = z.string().trim().max(255).catch("");

/** Names of the first repositories that match, for the menu that ⌘K opens. */
export async function findRepositories(org: string, typed: string): Promise<string[]> {
  const ctx = await memberContext(org);
  const { rows } = await listRepositoryViews(ctx, {
    q: query.parse(typed),
    state: "all",
    sort: "name",
    page: 1,
    pageSize: 8,
  });
  return rows.map(({ name }) => name);
}
