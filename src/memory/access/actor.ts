/** Who asks. */
export interface Actor {
	readonly userId: string;
	readonly admin: boolean;
}
