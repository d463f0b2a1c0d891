/** One question: the signals of each memory in its pool, and how much of its evidence each carries. */
export interface Example {
	readonly signals: readonly (readonly number[])[];
	readonly gains: readonly number[];
	/** How much it counts; 1 when absent. */
	readonly importance?: number;
}

const steps = 120;
const rate = 0.15;
/** Strength of the pull towards zero, of weights on the scale where each signal has a deviation of 1. */
const ridge = 3e-3;

/** Weights of a linear fusion by listwise softmax (ListNet, Cao et al. 2007): Adam on all examples at once, from zero. */
export function learn(examples: readonly Example[]): readonly number[] {
	const useful = examples.filter(({ gains }) => gains.some((gain) => gain > 0));
	const width = useful[0]?.signals[0]?.length ?? 0;
	const deviations = deviationsOf(useful, width);
	const scaled = useful.map(({ signals, gains, importance = 1 }) => {
		const total = gains.reduce((sum, gain) => sum + gain, 0);
		return {
			rows: signals.map((values) =>
				Float64Array.from(values, (value, at) => value / (deviations[at] as number)),
			),
			targets: gains.map((gain) => gain / total),
			importance,
		};
	});
	const total = scaled.reduce((sum, { importance }) => sum + importance, 0);
	const weights = new Float64Array(width);
	const momentum = new Float64Array(width);
	const square = new Float64Array(width);
	for (let step = 1; step <= steps; step += 1) {
		const gradient = weights.map((weight) => ridge * weight);
		for (const { rows, targets, importance } of scaled) {
			const shares = softmax(rows.map((row) => sumOf(row, weights)));
			for (const [index, row] of rows.entries()) {
				const pull = (((shares[index] as number) - (targets[index] as number)) * importance) / total;
				for (let at = 0; at < width; at += 1)
					gradient[at] = (gradient[at] as number) + pull * (row[at] as number);
			}
		}
		for (let at = 0; at < width; at += 1) {
			const slope = gradient[at] as number;
			momentum[at] = 0.9 * (momentum[at] as number) + 0.1 * slope;
			square[at] = 0.999 * (square[at] as number) + 0.001 * slope ** 2;
			const speed = (momentum[at] as number) / (1 - 0.9 ** step);
			const size = Math.sqrt((square[at] as number) / (1 - 0.999 ** step)) + 1e-8;
			weights[at] = (weights[at] as number) - (rate * speed) / size;
		}
	}
	return Array.from(weights, (weight, at) => weight / (deviations[at] as number));
}

export function sumOf(values: ArrayLike<number>, weights: ArrayLike<number>): number {
	let sum = 0;
	for (let at = 0; at < values.length; at += 1) sum += (values[at] as number) * (weights[at] as number);
	return sum;
}

function deviationsOf(examples: readonly Example[], width: number): Float64Array {
	const count = examples.reduce((sum, { signals }) => sum + signals.length, 0);
	const sums = new Float64Array(width);
	const squares = new Float64Array(width);
	for (const values of examples.flatMap(({ signals }) => signals))
		for (let at = 0; at < width; at += 1) {
			sums[at] = (sums[at] as number) + (values[at] as number);
			squares[at] = (squares[at] as number) + (values[at] as number) ** 2;
		}
	return sums.map((sum, at) => Math.sqrt((squares[at] as number) / count - (sum / count) ** 2) + 1e-9);
}

function softmax(scores: readonly number[]): readonly number[] {
	const most = scores.reduce((greatest, score) => Math.max(greatest, score), -Infinity);
	const powers = scores.map((score) => Math.exp(score - most));
	const total = powers.reduce((sum, power) => sum + power, 0);
	return powers.map((power) => power / total);
}

/** Weights of a logistic regression, by Newton's method. */
export function logistic(
	examples: readonly {
		readonly values: readonly number[];
		readonly right: boolean;
		readonly importance: number;
	}[],
): readonly number[] {
	const width = examples[0]?.values.length ?? 0;
	const total = examples.reduce((sum, { importance }) => sum + importance, 0);
	const weights = new Array<number>(width).fill(0);
	for (let step = 0; step < 12; step += 1) {
		const equations = weights.map((weight, i) => [
			...weights.map((_, j) => (i === j ? ridge : 0)),
			-ridge * weight,
		]);
		for (const { values, right, importance } of examples) {
			const share = 1 / (1 + Math.exp(-sumOf(values, weights)));
			const curve = (share * (1 - share) * importance) / total;
			const pull = ((Number(right) - share) * importance) / total;
			for (const [i, equation] of equations.entries()) {
				const value = values[i] ?? 0;
				for (let j = 0; j < width; j += 1)
					equation[j] = (equation[j] ?? 0) + curve * value * (values[j] ?? 0);
				equation[width] = (equation[width] ?? 0) + pull * value;
			}
		}
		for (const [i, change] of solved(equations).entries()) weights[i] = (weights[i] ?? 0) + change;
	}
	return weights;
}

/** Gauss and Jordan; the last of each row is its right side. */
function solved(equations: readonly number[][]): readonly number[] {
	for (const [i, pivot] of equations.entries())
		for (const [j, equation] of equations.entries()) {
			if (j === i) continue;
			const factor = (equation[i] ?? 0) / (pivot[i] ?? 1);
			for (const [at, value] of pivot.entries()) equation[at] = (equation[at] ?? 0) - factor * value;
		}
	return equations.map((equation, i) => (equation.at(-1) ?? 0) / (equation[i] ?? 1));
}
