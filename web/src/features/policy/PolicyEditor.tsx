import { Button, Modal, Switch, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { PolicyChange } from "../../../../src/model/policy.ts";
import type { CellView } from "../../../../src/model/views.ts";
import { post } from "../../api/client.ts";
import { Commit } from "../../frame/Commit.tsx";
import { Banner, Problem } from "../../frame/Notices.tsx";
import { isAccepted, isInForce } from "./changes.ts";
import { draftOf, updateOf, updateWords } from "./draft.ts";
import style from "./Policy.module.css";

interface PolicyEditorProps {
  readonly cell: CellView;
  readonly name: string;
  readonly close: () => void;
}

/** Automation, lock and tag filters of one workload in one environment, changed by one commit. */
export function PolicyEditor({ cell, name, close }: PolicyEditorProps) {
  return (
    <Modal opened onClose={close} title={`Policy of ${name} in ${cell.environment}`} centered size="lg">
      <Form cell={cell} close={close} />
    </Modal>
  );
}

function Form({ cell, close }: Omit<PolicyEditorProps, "name">) {
  const client = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(cell));
  const [message, setMessage] = useState("");
  const update = updateOf(cell, draft);
  const save = useMutation({
    mutationFn: async () => {
      const { changes } = await post<{ changes: readonly PolicyChange[] }>("policy-changes", {
        target: { kind: "environment", environment: cell.environment },
        updates: [update],
        message,
      });
      return changes;
    },
    onSuccess: async (changes) => {
      await Promise.all(["matrix", "policyChanges"].map((key) => client.invalidateQueries({ queryKey: [key] })));
      if (changes.every(isInForce)) close();
    },
  });
  return (
    <form
      className={style.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (update !== undefined && !save.isPending && save.data?.some(isAccepted) !== true) save.mutate();
      }}
    >
      <Switch
        label="Automated"
        description="Automation releases newer images here. Where a pipeline stage delivers, the stage decides instead."
        checked={draft.automated}
        onChange={(event) => setDraft({ ...draft, automated: event.currentTarget.checked })}
      />
      <Switch
        label="Locked"
        description="Nothing moves it, automation and people alike, until the lock is lifted."
        checked={draft.locked}
        onChange={(event) => setDraft({ ...draft, locked: event.currentTarget.checked })}
      />
      {draft.locked && (
        <TextInput
          label="Why it is locked"
          placeholder="Everybody who wants to move it reads this"
          value={draft.reason}
          maxLength={300}
          onChange={(event) => setDraft({ ...draft, reason: event.currentTarget.value })}
        />
      )}
      <fieldset className={style.filters}>
        <legend>Tag filters</legend>
        {cell.containers.map(({ container, filter }) => (
          <TextInput
            key={container}
            label={container}
            placeholder={filter?.imagePolicy === undefined ? "every tag" : (filter.filter ?? "every tag")}
            {...(filter?.imagePolicy === undefined
              ? {}
              : { description: `Empty, ImagePolicy ${filter.imagePolicy} decides; a filter here goes before it.` })}
            value={draft.filters[container] ?? ""}
            spellCheck={false}
            onChange={(event) =>
              setDraft({ ...draft, filters: { ...draft.filters, [container]: event.currentTarget.value } })
            }
          />
        ))}
        <p className="muted small">
          <code>semver:~1.4</code>, <code>glob:main-*</code>, <code>regexp:^v[0-9]+$</code> or{" "}
          <code>numerical:asc</code>. Empty takes every tag but <code>latest</code>.
        </p>
      </fieldset>
      <Textarea
        label="Message"
        placeholder="Becomes part of the commit"
        value={message}
        maxLength={4_000}
        autosize
        minRows={2}
        onChange={(event) => setMessage(event.currentTarget.value)}
      />
      <div className={style.told} aria-live="polite">
        {update === undefined ? (
          <p className="muted">Nothing is changed yet.</p>
        ) : (
          <>
            <strong>One commit to {cell.environment}</strong>
            <ul>
              {updateWords(update).map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ul>
          </>
        )}
      </div>
      {save.error !== null && <Problem error={save.error} />}
      {save.data?.map((change) => (
        <Outcome key={change.id} change={change} />
      ))}
      {save.data?.some(isAccepted) === true ? (
        <Button variant="default" onClick={close}>
          Close
        </Button>
      ) : (
        <Button type="submit" disabled={update === undefined} loading={save.isPending}>
          Write to Git
        </Button>
      )}
    </form>
  );
}

/** What became of a change that is not in force: refused, waiting for a review, or for Git. */
function Outcome({ change: { state } }: { change: PolicyChange }) {
  if ("end" in state && state.end === "failed") return <Banner tone="failed">{state.reason}</Banner>;
  if ("end" in state && state.end === "succeeded" && state.branch !== undefined)
    return (
      <Banner tone="waiting">
        <span>
          Written to <code>{state.branch}</code> for review as <Commit id={state.commit} />. It counts once that is
          merged.
        </span>
      </Banner>
    );
  if ("end" in state) return null;
  const trouble = "trouble" in state ? state.trouble : undefined;
  return (
    <Banner tone="waiting">
      Accepted, and written as soon as Git takes it{trouble === undefined ? "." : `. It says: ${trouble}`}
    </Banner>
  );
}
