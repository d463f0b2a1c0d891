;; Counts the bits in which signatures differ from a query's signature: XOR, then a population count, 16 bytes at a
;; time. The build assembles this file into hammingScanBytes.ts. All offsets are in bytes.
(module
	;; The caller owns the memory: it holds the query, the signatures and the distances.
	(import "m" "m" (memory 0 65536))

	(func (export "s")
		(param $signatures i32)  ;; where the first signature starts; moves on to the next block as they are read
		(param $query i32)       ;; where the query's signature starts
		(param $count i32)       ;; number of signatures
		(param $blocks i32)      ;; 16-byte blocks in a signature
		(param $distances i32)   ;; where the next 16-bit distance goes
		(local $end i32)         ;; where the distances end
		(local $block i32)       ;; the block of the signature that is compared
		(local $sum v128)        ;; differing bits so far, in eight 16-bit lanes

		;; end = distances + 2 * count
		(local.set $end (i32.add (local.get $distances) (i32.shl (local.get $count) (i32.const 1))))

		(loop $signature
			(if (i32.lt_u (local.get $distances) (local.get $end)) (then
				(local.set $sum (v128.const i64x2 0 0))
				(local.set $block (i32.const 0))

				(loop $next
					;; sum += popcount(signature[block] ^ query[block])
					;; A lane gains at most 16 a block, so that 16 bits hold the sum of 4095 blocks.
					(local.set $sum (i16x8.add
						(i16x8.extadd_pairwise_i8x16_u (i8x16.popcnt (v128.xor
							(v128.load (local.get $signatures))
							(v128.load (i32.add (local.get $query) (i32.shl (local.get $block) (i32.const 4)))))))
						(local.get $sum)))
					(local.set $signatures (i32.add (local.get $signatures) (i32.const 16)))
					(local.set $block (i32.add (local.get $block) (i32.const 1)))
					(br_if $next (i32.lt_u (local.get $block) (local.get $blocks))))

				;; Adds up the lanes: eight of 16 bits to four of 32, and these to one number.
				(local.set $sum (i32x4.extadd_pairwise_i16x8_u (local.get $sum)))
				(i32.store16 (local.get $distances) (i32.add
					(i32.add (i32x4.extract_lane 0 (local.get $sum)) (i32x4.extract_lane 1 (local.get $sum)))
					(i32.add (i32x4.extract_lane 2 (local.get $sum)) (i32x4.extract_lane 3 (local.get $sum)))))
				(local.set $distances (i32.add (local.get $distances) (i32.const 2)))
				(br $signature))))))
