import { expect, test } from "vitest";
import { shownAddress } from "./address.ts";

test.each([
  ["https://bot:secret@git.example.org/shop.git", "https://git.example.org/shop.git"],
  ["https://ghp_secret@git.example.org/shop.git", "https://git.example.org/shop.git"],
  ["ssh://git:secret@git.example.org/shop.git", "ssh://git@git.example.org/shop.git"],
  ["ssh://git@git.example.org/shop.git", "ssh://git@git.example.org/shop.git"],
  ["https://git.example.org/shop.git", "https://git.example.org/shop.git"],
  ["git@git.example.org:shop/config.git", "git@git.example.org:shop/config.git"],
  ["/srv/shop.git", "/srv/shop.git"],
])("%s is shown as %s", (address, shown) => {
  expect(shownAddress(address)).toBe(shown);
});
