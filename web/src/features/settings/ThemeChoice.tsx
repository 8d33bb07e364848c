import { type MantineColorScheme, SegmentedControl, useMantineColorScheme } from "@mantine/core";

/** Light, dark or as the system. */
export function ThemeChoice() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <SegmentedControl
      aria-label="Theme"
      value={colorScheme}
      onChange={(value) => setColorScheme(value as MantineColorScheme)}
      data={[
        { value: "light", label: "Light" },
        { value: "dark", label: "Dark" },
        { value: "auto", label: "As the system" },
      ]}
    />
  );
}
