package dev.bert4j.backend.vector;

/**
 * A matrix product in copies for the numbers of vectors that a panel can have and that are used of it: one of one, the
 * first of two, and both. Each copy is made when it is first asked for; most programs never need all.
 */
final class Products<K> {
    private final Class<K> type;
    private final Class<? extends K> single;
    private final Class<? extends K> pair;
    private final int bits;
    private final int rowStep;
    private volatile K oneOfOne;
    private volatile K oneOfTwo;
    private volatile K both;

    /** @param rowStep values from one row of weights to the next, or 0 if they are told with each call */
    Products(Class<K> type, Class<? extends K> single, Class<? extends K> pair, int bits, int rowStep) {
        this.type = type;
        this.single = single;
        this.pair = pair;
        this.bits = bits;
        this.rowStep = rowStep;
    }

    /** For {@code vectors} vectors of a panel of that many lanes. */
    K of(int vectors, int lanes) {
        K kernel = vectors == 2 ? both : lanes * Float.SIZE == bits ? oneOfOne : oneOfTwo;
        return kernel != null ? kernel : define(vectors, lanes);
    }

    private synchronized K define(int vectors, int lanes) {
        if (vectors == 2) {
            both = both != null ? both : Width.define(pair, type, bits, lanes, rowStep);
            return both;
        }
        if (lanes * Float.SIZE == bits) {
            oneOfOne = oneOfOne != null ? oneOfOne : Width.define(single, type, bits, lanes, rowStep);
            return oneOfOne;
        }
        oneOfTwo = oneOfTwo != null ? oneOfTwo : Width.define(single, type, bits, lanes, rowStep);
        return oneOfTwo;
    }
}
