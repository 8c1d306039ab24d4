import { redirect } from "next/navigation";
import { LinkButton } from "@/components/ui/link-button";
import { PageHeader } from "@/components/ui/page-header";
import { repositoriesPath } from "@/lib/contract/paths";
import { userOrganizations } from "@/lib/platform/session/current-member";

/** The start: the first of one's organizations. */
export default async function StartPage() {
  const [first] = await userOrganizations();
  if (first) redirect(repositoriesPath(first.slug));
  return (
    <main className="mx-auto max-w-md px-6 py-24">
      <PageHeader title="You are not in an organization">
        You were removed from the last one, or never joined any. Ask an owner or an admin for an invitation link.
      </PageHeader>
      <LinkButton href="/account">Your account</LinkButton>
    </main>
  );
}
