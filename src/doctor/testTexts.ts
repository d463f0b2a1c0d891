import { calibrationTexts } from "../endpoints/calibration.ts";

/** Pairs that say the same in two ways. They say nothing about any user. */
export const texts = calibrationTexts;
export const firstText = texts[0] as string;
export const lastText = texts.at(-1) as string;
