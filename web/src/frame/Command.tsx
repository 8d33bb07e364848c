import { Modal } from "@mantine/core";
import { IconBox, IconFileDescription, IconRocket, IconSearch, IconServer, IconWand } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { matrixQuery, pipelinesQuery, promotionsQuery } from "../api/queries.ts";
import style from "./Command.module.css";
import { findCommands, type Command as Offer } from "./commands.ts";

const icons = {
  page: IconFileDescription,
  do: IconWand,
  workload: IconBox,
  environment: IconServer,
  release: IconRocket,
};

/** The command box of Ctrl K: go anywhere, or say what should be promoted where. */
export default function Command({ close }: { close: () => void }) {
  const router = useRouter();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const matrix = useQuery(matrixQuery).data;
  const pipelines = useQuery(pipelinesQuery).data;
  const promotions = useInfiniteQuery(promotionsQuery).data?.pages.flatMap((page) => page.items) ?? [];
  const offers = findCommands(text, { matrix, pipelines, promotions });
  const chosen = Math.min(at, offers.length - 1);
  useEffect(() => {
    list.current?.children[chosen]?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  const go = (offer: Offer | undefined) => {
    if (offer === undefined) return;
    close();
    router.history.push(offer.to);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") return go(offers[chosen]);
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    setAt(Math.max(0, Math.min(offers.length - 1, chosen + (event.key === "ArrowDown" ? 1 : -1))));
  };
  return (
    <Modal
      opened
      onClose={close}
      withCloseButton={false}
      padding={0}
      size={600}
      yOffset="12vh"
      aria-label="Search or do anything"
    >
      <div className={style.field}>
        <IconSearch size={18} aria-hidden />
        <input
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
          placeholder='A workload, an environment, a release, or "promote catalogue to prod"'
          aria-label="Search or do anything"
          role="combobox"
          aria-expanded
          aria-controls="offers"
          aria-activedescendant={chosen < 0 ? undefined : `offer-${chosen}`}
          data-autofocus
        />
      </div>
      <div id="offers" role="listbox" aria-label="Offers" className={style.offers} ref={list}>
        {offers.map((offer, index) => {
          const Icon = icons[offer.kind];
          return (
            // The input keeps the focus and answers the keys, as a combobox does; a click is the pointer's way.
            <div
              key={`${offer.kind} ${offer.to}`}
              id={`offer-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === chosen}
              onPointerMove={() => setAt(index)}
              onClick={() => go(offer)}
              onKeyDown={onKeyDown}
            >
              <Icon size={17} stroke={1.7} aria-hidden />
              <span>{offer.text}</span>
              <small>{offer.detail}</small>
            </div>
          );
        })}
        {offers.length === 0 && <div className={style.none}>Nothing is called that.</div>}
      </div>
    </Modal>
  );
}
