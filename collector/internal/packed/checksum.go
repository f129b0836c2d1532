package packed

import "hash/crc32"

// A CRC-32 is the remainder of the bytes, taken as a polynomial over GF(2), modulo the polynomial P of IEEE 802.3. So the
// checksum of two parts in a row is that of the first times x^(8n), n being the size of the second, plus that of the
// second. This is how zlib's crc32_combine does it too. Remainders are kept with the coefficient of x^0 in the highest
// bit.

// one is the polynomial 1.
const one = 1 << 31

// multiply is a times b modulo P.
func multiply(a, b uint32) uint32 {
	var product uint32
	for ; a != 0; a <<= 1 {
		// One branch less to mispredict: the mask is all ones where a has the coefficient.
		product ^= b & -(a >> 31)
		b = b>>1 ^ crc32.IEEE&-(b&1)
	}
	return product
}

// shift is x^(8n) modulo P.
func shift(n int) uint32 {
	result, power := uint32(one), uint32(one>>8) // x^8
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			result = multiply(power, result)
		}
		power = multiply(power, power)
	}
	return result
}
