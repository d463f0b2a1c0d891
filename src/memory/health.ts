/** How a model endpoint did when it was last asked, in this process. */
export class Health {
	#state: "unused" | "working" | "failing" = "unused";
	#problem: string | undefined;

	get state(): "unused" | "working" | "failing" {
		return this.#state;
	}

	/** In words, while it is failing. */
	get problem(): string | undefined {
		return this.#problem;
	}

	worked(): void {
		this.#state = "working";
		this.#problem = undefined;
	}

	failed(problem: string): void {
		this.#state = "failing";
		this.#problem = problem;
	}
}
