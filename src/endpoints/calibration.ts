/** The range of cosines that mean something; each model has its own. */
export interface Calibration {
	/** Texts with a lower cosine have nothing to do with each other. */
	readonly unrelated: number;
	/** Texts with a higher cosine say the same. */
	readonly same: number;
}

/** The built-in model's, chosen on the development conversations of LoCoMo. */
export const builtinCalibration: Calibration = { unrelated: 0.2, same: 0.8 };

/** For a model that has not been measured yet: typical of the models in use. */
export const assumedCalibration: Calibration = { unrelated: 0.35, same: 0.85 };

/** Each pair says one thing in two ways; different pairs have nothing to do with each other. */
const paraphrases: readonly (readonly [string, string])[] = [
	["We deploy with make ship from the main branch", "Releases are made by running make ship on main"],
	["Ada prefers tabs over spaces", "Ada likes to indent with tabs rather than with spaces"],
	["The database runs on port 5433", "Port 5433 is where the database listens"],
	["My sister moved to Lisbon in May", "In May my sister went to live in Lisbon"],
	["He is allergic to peanuts", "Peanuts cause him an allergic reaction"],
	["The dentist appointment is on Tuesday", "On Tuesday there is an appointment at the dentist's"],
	["Error messages are written in plain English", "Plain English is used for all error messages"],
	["She plays the cello in an orchestra", "She is a cellist with an orchestra"],
	["The car needs new winter tyres", "New tyres for winter have to be put on the car"],
	["They grow tomatoes on the balcony", "Tomatoes are what they plant on their balcony"],
	["Invoices are paid within thirty days", "It takes up to thirty days until an invoice is paid"],
	["The museum is closed on Mondays", "On Mondays one cannot visit the museum"],
];

/** The texts whose vectors `calibrate` takes, in this order. They say nothing about any user. */
export const calibrationTexts: readonly string[] = paraphrases.flat();

/** The cosines of all pairs of `calibrationTexts`, from their vectors (of length 1). */
export function pairCosines(vectors: readonly Float32Array[]): {
	readonly same: readonly number[];
	readonly unrelated: readonly number[];
} {
	const same: number[] = [];
	const unrelated: number[] = [];
	for (const [i, a] of vectors.entries())
		for (const [j, b] of vectors.entries())
			if (j > i) (j === i + 1 && i % 2 === 0 ? same : unrelated).push(cosine(a, b));
	return { same, unrelated };
}

/** Of vectors of length 1. */
export function cosine(a: Float32Array, b: Float32Array): number {
	return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}

/** A model's range, from its vectors (of length 1) of `calibrationTexts`. */
export function calibrate(vectors: readonly Float32Array[]): Calibration {
	const { same, unrelated } = pairCosines(vectors);
	// At these shares, the built-in model's own cosines yield the range above.
	const low = quantile(unrelated, 0.55);
	// Even if a model cannot tell paraphrases from unrelated texts, not everything may pass for an answer.
	return { unrelated: low, same: Math.max(quantile(same, 0.35), low + 0.05) };
}

function quantile(values: readonly number[], share: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}
