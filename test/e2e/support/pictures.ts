import { resolve } from "node:path";

/** The README's pictures go into the repository only when asked for: `MEM0_PICTURES=media npm test`. */
export const pictureFolder = resolve(process.env.MEM0_PICTURES ?? "out/pictures");

/** Each theme, and the class of VS Code's workbench while it is on. */
export const themes = {
	light: ["Default Light Modern", "vs"],
	dark: ["Default Dark Modern", "vs-dark"],
	contrast: ["Default High Contrast", "hc-black"],
} as const;
