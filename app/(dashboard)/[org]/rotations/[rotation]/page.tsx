import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { RotationProgress } from "@/components/rotations/rotation-progress";
import { RotationTable } from "@/components/rotations/rotation-table";
import { PageHeader } from "@/components/ui/page-header";
import { Pager } from "@/components/ui/pager";
import { rotationPath } from "@/lib/contract/paths";
import { rotationPageQuery } from "@/lib/contract/rotations";
import { may } from "@/lib/domain/access/permissions";
import { DomainError } from "@/lib/domain/errors";
import { readRotation } from "@/lib/domain/rotations/read-rotation";
import { memberContext } from "@/lib/platform/session/current-member";
import { cancelTheRest } from "./actions";

export const metadata: Metadata = { title: "Rotation" };

const PAGE_SIZE = 50;

export default async function RotationPage({ params, searchParams }: PageProps<"/[org]/rotations/[rotation]">) {
  const { org, rotation: id } = await params;
  const { page } = rotationPageQuery.parse(await searchParams);
  const ctx = await memberContext(org);
  const rotation = await readRotation(ctx, { id, page, pageSize: PAGE_SIZE }).catch((error: unknown) => {
    if (error instanceof DomainError && error.code === "not_found") notFound();
    throw error;
  });
  const total = Object.values(rotation.counts).reduce((sum, count) => sum + count, 0);
  return (
    <>
      <PageHeader title={`Rotation on ${rotation.host}`}>One new secret, tested at each repository.</PageHeader>
      <div className="space-y-5">
        <RotationProgress
          rotation={rotation}
          cancel={may(ctx.actor, "credential:write") ? cancelTheRest.bind(null, org) : null}
        />
        <RotationTable organization={org} host={rotation.host} items={rotation.items} />
      </div>
      <Pager page={page} pageSize={PAGE_SIZE} total={total} href={(next) => `${rotationPath(org, id)}?page=${next}`} />
    </>
  );
}
