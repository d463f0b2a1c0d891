import { StoreError } from "../../store/errors.ts";
import type { ResultOf } from "./calls.ts";
import { isAway, type Outbox } from "./outbox.ts";
import type { CallOptions, TeamClient } from "./teamClient.ts";

/** ms that a request may take where the server was away a moment ago: nobody waits long for it. */
const whileAway = 5000;

/** How a team's server does, and who one is there. What waits for it is sent as soon as it answers. */
export class TeamLink {
	readonly #client: TeamClient;
	#outbox: Outbox | undefined;
	#about: ResultOf<"about"> | undefined;
	/** Who has the token, by an earlier answer. */
	#before: string | undefined;
	#away: StoreError | undefined;

	constructor(client: TeamClient) {
		this.#client = client;
	}

	sendFrom(outbox: Outbox): void {
		this.#outbox = outbox;
	}

	get url(): string {
		return this.#client.url;
	}

	/** Empty for somebody whom the server has never answered. */
	get userId(): string {
		return this.#about?.userId ?? this.#before ?? "";
	}

	get isTeam(): boolean {
		return this.#about?.team ?? true;
	}

	/** Why the last request was not answered. */
	get problem(): string | undefined {
		return this.#away?.message;
	}

	/** A server that is away is no reason not to begin: whatever is asked of it then says so. @throws StoreError */
	async meet(options?: CallOptions): Promise<void> {
		const token = await this.#client.token();
		if (token !== undefined) this.#before = await this.#outbox?.whoHas(token);
		await this.#noting(() => this.#meet(options));
	}

	call: TeamClient["call"] = (name, args, options = {}) =>
		this.#noting(async () => {
			const patient = this.#away ? { ...options, timeout: whileAway } : options;
			if (!this.#about) await this.#meet(patient);
			return await this.#client.call(name, args, patient);
		}) as ReturnType<TeamClient["call"]> as never;

	async #meet(options?: CallOptions): Promise<void> {
		this.#about = await this.#client.call("about", [], options);
		const token = await this.#client.token();
		if (token !== undefined) await this.#outbox?.met(this.#about.userId, token);
		void this.#outbox?.deliver(this.#about.userId);
	}

	async #noting<T>(ask: () => Promise<T>): Promise<T> {
		try {
			const answer = await ask();
			const wasAway = this.#away !== undefined;
			this.#away = undefined;
			if (wasAway) void this.#outbox?.deliver(this.userId);
			return answer;
		} catch (error) {
			if (isAway(error)) this.#away = error;
			// Who has the token that is asked for next is not known.
			if (error instanceof StoreError && error.kind === "refused") this.#about = undefined;
			throw error;
		}
	}
}
