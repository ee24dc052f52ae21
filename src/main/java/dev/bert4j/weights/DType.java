package dev.bert4j.weights;

/** The element types of the safetensors format, under the names that its headers use. All are little-endian. */
public enum DType {
    /** A byte that is 0 or 1. */
    BOOL(8),
    /** Two elements to a byte. */
    F4(4),
    /** Four elements to three bytes. */
    F6_E2M3(6),
    /** Four elements to three bytes. */
    F6_E3M2(6),
    U8(8),
    I8(8),
    F8_E5M2(8),
    F8_E4M3(8),
    /** A power of two: the scale of a block of smaller floats. */
    F8_E8M0(8),
    F8_E4M3FNUZ(8),
    F8_E5M2FNUZ(8),
    I16(16),
    U16(16),
    /** IEEE binary16. */
    F16(16),
    /** The upper half of a binary32. */
    BF16(16),
    I32(32),
    U32(32),
    /** IEEE binary32. */
    F32(32),
    /** A complex number of two binary32. */
    C64(64),
    /** IEEE binary64. */
    F64(64),
    I64(64),
    U64(64);

    private final int bits;

    DType(int bits) {
        this.bits = bits;
    }

    /** The size of one element in bits: 4, 6, 8, 16, 32 or 64. */
    public int bits() {
        return bits;
    }

    /** Whether elements widen (or, from F64, round) to a float: F32, F16, BF16 and F64 do. */
    public boolean isComputable() {
        return this == F32 || this == F16 || this == BF16 || this == F64;
    }

    /** The type that a header calls so, or null. */
    static DType named(String name) {
        try {
            return valueOf(name);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
