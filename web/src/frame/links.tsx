import { Button, Menu } from "@mantine/core";
import { createLink } from "@tanstack/react-router";

/** A link that looks like a button: it goes somewhere, so it can be opened in another tab. */
export const ButtonLink = createLink(Button<"a">);
export const MenuLink = createLink(Menu.Item<"a">);
