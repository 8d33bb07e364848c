import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { EnvironmentView } from "../../../../src/model/views.ts";
import { post } from "../../api/client.ts";
import { Banner, Problem } from "../../frame/Notices.tsx";
import { Sign } from "../../signs/Sign.tsx";
import { Ago } from "../../time/Ago.tsx";
import style from "./Problems.module.css";

/** A removal so big that a person must say it is meant. Confirming writes a commit; nothing is removed before. */
export function PruneBanner({ environment }: { environment: EnvironmentView }) {
  const client = useQueryClient();
  const { prune, name } = environment;
  const confirm = useMutation({
    mutationFn: (hash: string) => post(`environments/${name}/prune`, { hash }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["matrix"] }),
  });
  if (prune === undefined) return null;
  return (
    <Banner tone="waiting">
      <strong className={style.headline}>
        <Sign name="waiting" />
        <span>
          Git removes {prune.objects.length} of {prune.of} objects from {name}
        </span>
      </strong>
      <span>
        That is more than half, so it has waited for a person for <Ago at={prune.since} />. Until then they keep
        running. If it is not meant, put the files back in Git.
      </span>
      <details>
        <summary>Show the {prune.objects.length} objects</summary>
        <ul className={style.objects}>
          {prune.objects.map((object) => (
            <li key={object}>{object}</li>
          ))}
        </ul>
      </details>
      {confirm.error !== null && <Problem error={confirm.error} />}
      {confirm.isSuccess ? (
        <span>Confirmed with a commit; the agent removes them at its next sync.</span>
      ) : (
        <div>
          <Button size="compact-md" color="red" loading={confirm.isPending} onClick={() => confirm.mutate(prune.hash)}>
            Confirm removing {prune.objects.length} objects
          </Button>
        </div>
      )}
    </Banner>
  );
}
