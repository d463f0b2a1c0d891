/** Who uses the memory. */
export interface Actor {
	readonly userId: string;
	readonly admin: boolean;
}
