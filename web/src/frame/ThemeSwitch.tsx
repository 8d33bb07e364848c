import { type MantineColorScheme, Menu, useMantineColorScheme } from "@mantine/core";
import { IconCheck, IconDeviceDesktop, IconMoon, IconSun } from "@tabler/icons-react";
import style from "./Frame.module.css";

const choices: readonly { value: MantineColorScheme; word: string; Icon: typeof IconSun }[] = [
  { value: "light", word: "Light", Icon: IconSun },
  { value: "dark", word: "Dark", Icon: IconMoon },
  { value: "auto", word: "As the system", Icon: IconDeviceDesktop },
];

/** Light, dark or as the system; the browser remembers it. */
export function ThemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const chosen = choices.find((choice) => choice.value === colorScheme) ?? choices[2]!;
  return (
    <Menu position="bottom-end" width={180}>
      <Menu.Target>
        <button type="button" className={style.icon} aria-label={`Theme: ${chosen.word}`} title="Theme">
          <chosen.Icon size={19} stroke={1.7} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map(({ value, word, Icon }) => (
          <Menu.Item
            key={value}
            leftSection={<Icon size={16} />}
            rightSection={value === colorScheme ? <IconCheck size={16} /> : undefined}
            onClick={() => setColorScheme(value)}
          >
            {word}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
