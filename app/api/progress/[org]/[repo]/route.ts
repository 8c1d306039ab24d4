import { pullProgressQuery } from "@/lib/contract/pull-progress";
import { watchPull } from "@/lib/domain/sync/watch-pull";
import { errorResponse } from "@/lib/platform/api/error-response";
import { refuseMethod } from "@/lib/platform/api/refuse-method";
import { createContext } from "@/lib/platform/context";
import { currentMember, memberAnew } from "@/lib/platform/session/current-member";
import { eventStream } from "@/lib/platform/session/event-stream";
import { remoteAddress, requestId } from "@/lib/platform/session/request-facts";

/** How far a repository's pull is, as server-sent events to whoever is signed in and may see it, for as long as they may. */
export async function GET(request: Request, { params }: RouteContext<"/api/progress/[org]/[repo]">) {
  const { org, repo } = await params;
  const id = await requestId();
  const member = await currentMember(org);
  const findActor = await memberAnew(org);
  const ctx = createContext(member, id, await remoteAddress());
  const { asked } = pullProgressQuery.parse(Object.fromEntries(new URL(request.url).searchParams));
  try {
    return await eventStream(request, member.userId, (signal) =>
      watchPull(ctx, { repository: repo, asked, signal, findActor }),
    );
  } catch (error) {
    return errorResponse(error, id);
  }
}

// A HEAD would keep a stream open that nobody reads.
const refuse = refuseMethod("GET");
export { refuse as HEAD, refuse as POST, refuse as PUT, refuse as PATCH, refuse as DELETE, refuse as OPTIONS };
