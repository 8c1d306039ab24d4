import type { FormAction } from "@/components/ui/action-form";
import { Panel } from "@/components/ui/panel";
import { AddSlackForm } from "./add-slack-form";

/** Adding a channel, and what it will get. */
export function AddSlackPanel({ action }: { action: FormAction<{ id: string }> }) {
  return (
    <Panel title="Add a Slack channel">
      <p className="mb-4 max-w-prose text-sm text-muted">
        It gets the same sentences as people do by mail: at most one message for each event in an hour, with everything
        that happened meanwhile.
      </p>
      <AddSlackForm action={action} />
    </Panel>
  );
}
