/** One row of the table: what was measured, and what it is held against. */
export interface Figure {
	readonly name: string;
	/** `ms`, `KB`, `memories/s`, …; empty for a share. */
	readonly unit: string;
	/** The single measurements, in `unit`. */
	readonly samples: readonly number[];
	/** How often it was measured, in words: `5`, `3 × 200`. */
	readonly runs: string;
	/** Absent: for information. */
	readonly target?: Target;
	/** Another way to the same end, measured in the same run. */
	readonly peer?: { readonly name: string; readonly samples: readonly number[] };
}

/** The most that a statistic may be, or the least that the median must be, in the figure's unit. */
export type Target =
	| { readonly atMost: number; readonly of: "median" | "p99" }
	| { readonly atLeast: number; readonly of?: "median" };

/** A part of the bench: measures one or several figures. */
export type Part = () => Promise<readonly Figure[]>;

/** What a part came to. */
export type Outcome =
	| { readonly part: string; readonly figures: readonly Figure[] }
	/** It lacks something on this machine, such as a browser. */
	| { readonly part: string; readonly cannotRun: string }
	| { readonly part: string; readonly crashed: string };

/** Thrown by a part that lacks something on this machine. The message says what. */
export class CannotRun extends Error {
	override readonly name = "CannotRun";
}
