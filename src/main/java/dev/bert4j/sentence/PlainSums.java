package dev.bert4j.sentence;

/** {@link Sums} value by value: the definition of what they compute. */
final class PlainSums implements Sums {
    PlainSums() {
    }

    @Override
    public float dot(float[] a, float[] b) {
        float[] chains = new float[CHAINS];
        for (int i = 0; i < a.length; i++) {
            chains[i % CHAINS] = Math.fma(a[i], b[i], chains[i % CHAINS]);
        }
        return Sums.tree(chains);
    }

    @Override
    public float dot(float[] a, byte[] b) {
        float[] chains = new float[CHAINS];
        for (int i = 0; i < a.length; i++) {
            chains[i % CHAINS] = Math.fma(a[i], b[i], chains[i % CHAINS]);
        }
        return Sums.tree(chains);
    }

    @Override
    public float squares(float[] a, float[] b) {
        float[] chains = new float[CHAINS];
        for (int i = 0; i < a.length; i++) {
            float difference = a[i] - b[i];
            chains[i % CHAINS] = Math.fma(difference, difference, chains[i % CHAINS]);
        }
        return Sums.tree(chains);
    }

    @Override
    public float magnitudes(float[] a, float[] b) {
        float[] chains = new float[CHAINS];
        for (int i = 0; i < a.length; i++) {
            chains[i % CHAINS] += Math.abs(a[i] - b[i]);
        }
        return Sums.tree(chains);
    }
}
