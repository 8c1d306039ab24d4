import type { FormAction } from "@/components/ui/action-form";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { Cell, HeadCell, Table } from "@/components/ui/table";
import type { SessionRow } from "@/lib/contract/sessions";
import { EndOthersForm } from "./end-others-form";
import { EndSessionForm } from "./end-session-form";

interface SessionPanelProps {
  sessions: readonly SessionRow[];
  /** The session that looks at it. */
  current: string;
  end: FormAction;
  endOthers: FormAction;
}

const METHODS: Record<SessionRow["method"], string> = {
  password: "password",
  password_and_code: "password and code",
  single_sign_on: "single sign-on",
};

/** Where one is signed in. */
export function SessionPanel({ sessions, current, end, endOthers }: SessionPanelProps) {
  return (
    <Panel title="Where you are signed in">
      <Table
        caption="Sessions"
        head={
          <>
            <HeadCell>From</HeadCell>
            <HeadCell>By</HeadCell>
            <HeadCell>Begun</HeadCell>
            <HeadCell>Last seen</HeadCell>
            <HeadCell>
              <span className="sr-only">End</span>
            </HeadCell>
          </>
        }
      >
        {sessions.map(({ id, browser, address, method, createdAt, lastSeenAt }) => (
          <tr key={id}>
            <Cell>
              <span className="whitespace-nowrap">{browser}</span>
              <br />
              <code className="font-mono text-xs text-muted">{address}</code>
            </Cell>
            <Cell className="text-muted">{METHODS[method]}</Cell>
            <Cell className="text-muted">
              <RelativeTime date={createdAt} />
            </Cell>
            <Cell className="text-muted">
              <RelativeTime date={lastSeenAt} />
            </Cell>
            <Cell className="text-right whitespace-nowrap">
              {id === current ? "this one" : <EndSessionForm action={end} id={id} browser={browser} />}
            </Cell>
          </tr>
        ))}
      </Table>
      {sessions.length > 1 && <EndOthersForm action={endOthers} />}
    </Panel>
  );
}
