"use client";

import { useState } from "react";
import { useActionForm } from "@/components/ui/form-context";

/** "Save without testing": a second, explicit act, offered once a test has refused the secret. */
export function UntestedField() {
  const { serverErrors, idPrefix } = useActionForm();
  const refused = serverErrors.untested !== undefined;
  const [offered, setOffered] = useState(refused);
  if (refused && !offered) setOffered(true);
  if (!offered) return null;
  const id = `${idPrefix}-untested`;
  return (
    <div>
      <label className="flex items-center gap-2 text-sm">
        <input id={id} type="checkbox" name="untested" aria-describedby={`${id}-hint`} />
        Save without testing
      </label>
      <p id={`${id}-hint`} className="mt-1 text-sm text-muted">
        For when you know better than the test. Type the secret again; the audit log says that it was not tested.
      </p>
    </div>
  );
}
