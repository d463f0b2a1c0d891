import type { Candidate, Decided } from "../../store/candidates.ts";
import type { Memory, StoredMemory } from "../../store/types.ts";
import type { Proposal, ReviewQueue } from "../curating/reviewQueue.ts";
import type { SecretGuard } from "../secrets/secretGuard.ts";
import type { UserMemory } from "../userMemory.ts";
import { guarded } from "./guarded.ts";
import { ifAway } from "./outbox.ts";
import type { TeamClient } from "./teamClient.ts";

type RemoteReviewOf = UserMemory["review"];

/** The candidates that wait on a team's server. */
export class RemoteReview implements RemoteReviewOf {
	readonly #call: TeamClient["call"];
	readonly #guard: SecretGuard;

	constructor(call: TeamClient["call"], guard: SecretGuard) {
		this.#call = call;
		this.#guard = guard;
	}

	async propose(proposals: readonly Proposal[]): Promise<readonly Candidate[]> {
		const checked = await Promise.all(proposals.map((each) => guarded(this.#guard, each, false)));
		return this.#call("review.propose", [checked.map(({ value }) => value)]);
	}

	async proposeEdit({ id }: Memory, text: unknown): Promise<readonly Candidate[]> {
		const { value } = await guarded(this.#guard, { text });
		return this.#call("review.proposeEdit", [id, value.text]);
	}

	async list(options: Parameters<ReviewQueue["list"]>[0] = {}) {
		return this.#call("review.list", [options]);
	}

	/** Of a server that is away, none are known. */
	async count(): Promise<number> {
		return this.#call("review.count", []).catch(ifAway(0));
	}

	async get(id: unknown): Promise<Candidate> {
		return this.#call("review.get", [id]);
	}

	async merge(
		id: unknown,
		{ id: into, text: was, updatedAt }: Pick<StoredMemory, "id" | "text" | "updatedAt">,
		text: unknown,
	): Promise<Decided | undefined> {
		const { value } = await guarded(this.#guard, { text });
		const [decided] = await this.#call("review.merge", [id, { id: into, text: was, updatedAt }, value.text]);
		return decided;
	}

	async reject(ids: readonly unknown[]): Promise<readonly Decided[]> {
		return this.#call("review.reject", [ids]);
	}

	/** @param decided as it was returned. */
	async undo(decided: readonly Decided[]): Promise<void> {
		await this.#call("review.undo", [decided]);
	}
}
