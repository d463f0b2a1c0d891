import type { MeasuredMemory } from "./signals.ts";
import type { Context } from "./weights.ts";

export interface RankedMemory extends MeasuredMemory {
	/** What its own signals add to the sum. */
	readonly own: number;
	readonly context: Context;
	/** Added where it replaces a memory that would rank before it. */
	readonly newer: number;
	/** What the rank is by. */
	readonly sum: number;
}
