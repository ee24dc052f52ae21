package dev.bert4j.backend.reference;

import static dev.bert4j.backend.reference.ScalarMath.ROUND;

/**
 * The lower tail Φ(−a) of the normal distribution for 0 ≤ a &lt; 5, by a table of sixteen pieces. This scalar form is
 * the definition of its bits.
 *
 * <p>The tail falls the faster the further out it is, and the narrower are the pieces: a lies in piece i, the
 * integer that is nearest to a·(1 + 0.40625·a), which makes the first half a piece. There Φ(−a) is a polynomial of
 * degree 6 in d = a − c, where c is about the middle of the piece. Each is a minimax fit of the relative error,
 * rounded to float from the highest coefficient down, each time with the lower ones fitted again. Of the floats near
 * the middle c is the one with which least is lost by that, so that the relative error is below 2⁻²⁶.
 *
 * <p>Sixteen is what a vector of 512 bits holds: it finds sixteen coefficients by one permutation.
 */
public final class NormalPieces {
    /** The tail is defined below this. */
    public static final float PIECES_END = 5;
    /** By how much pieces become narrower. */
    public static final float PIECES_NARROW = 0.40625f;
    /** How many there are. */
    public static final int PIECES = 16;

    /** A row for the centres, and one for each coefficient from the constant up; a column for each piece. */
    private static final float[] TABLE = {
        // The centres c.
        0.21672821f, 0.7482147f, 1.2990837f, 1.7512665f, 2.131195f, 2.479477f, 2.8068657f, 3.0900726f, 3.3740883f,
        3.632515f, 3.8837852f, 4.115299f, 4.3451614f, 4.554863f, 4.7681236f, 4.93227f,
        // Coefficients of 1.
        0.41421008f, 0.22716533f, 0.0969576f, 0.03995001f, 0.016536538f, 0.006578762f, 0.0025013047f, 0.0010005378f,
        3.7030305e-4f, 1.4033615e-4f, 5.1421375e-5f, 1.9333873e-5f, 6.9586636e-6f, 2.6209868e-6f, 9.2974835e-7f,
        4.063972e-7f,
        // Coefficients of d.
        -0.38968205f, -0.30154046f, -0.17157279f, -0.08608624f, -0.041174557f, -0.018447222f, -0.0077645555f,
        -0.0033687518f, -0.0013452513f, -5.4402195e-4f, -2.1159586e-4f, -8.382474e-5f, -3.1701315e-5f, -1.2468229e-5f,
        -4.613887e-6f, -2.0811656e-6f,
        // Coefficients of d².
        0.042227548f, 0.11280839f, 0.11144365f, 0.075379975f, 0.043875515f, 0.022869738f, 0.010897033f, 0.0052048448f,
        0.0022694983f, 9.880838e-4f, 4.108964e-4f, 1.7248189e-4f, 6.8873655e-5f, 2.8395514e-5f, 1.0999786e-5f,
        5.1324346e-6f,
        // Coefficients of d³.
        0.06189458f, 0.022124445f, -0.019660389f, -0.029655468f, -0.024306856f, -0.015827281f, -0.008901484f,
        -0.0047996733f, -0.0023282855f, -0.0011057334f, -4.966733e-4f, -2.2263094e-4f, -9.447036e-5f, -4.1033705e-5f,
        -1.671337e-5f, -8.091284e-6f,
        // Coefficients of d⁴.
        -0.010391075f, -0.022935467f, -0.012186568f, 4.2017733e-4f, 0.005637203f, 0.005998484f, 0.0044300943f,
        0.0028402535f, 0.0015857237f, 8.39496e-4f, 4.1376802e-4f, 2.0031538e-4f, 9.114497e-5f, 4.1999505e-5f,
        1.8090986e-5f, 9.122131e-6f,
        // Coefficients of d⁵.
        -0.008754952f, 5.823235e-5f, 0.0060352497f, 0.004287183f, 0.0012549608f, -5.885953e-4f, -0.0011452854f,
        -0.0010336285f, -7.210549e-4f, -4.4480257e-4f, -2.4761903e-4f, -1.3196174e-4f, -6.533505e-5f, -3.2258708e-5f,
        -1.4828128e-5f, -7.8040985e-6f,
        // Coefficients of d⁶.
        0.0016817284f, 0.0029879722f, 2.9455445e-4f, -0.0012967668f, -0.0011739933f, -5.3538877e-4f, -5.4222804e-5f,
        1.5727115e-4f, 1.9314121e-4f, 1.5585807e-4f, 1.0471166e-4f, 6.298664e-5f, 3.50906e-5f, 1.8456707e-5f,
        9.277683e-6f, 5.120538e-6f
    };

    private NormalPieces() {
    }

    /** A copy of the table: eight rows of {@link #PIECES} numbers, c and the coefficients of 1, d, d² up to d⁶. */
    public static float[] table() {
        return TABLE.clone();
    }

    /** Φ(−a). */
    static float lowerTail(float a) {
        int i = Float.floatToRawIntBits(Math.fma(Math.fma(a, PIECES_NARROW, 1), a, ROUND)) & PIECES - 1;
        float d = a - TABLE[i];
        float p = Math.fma(TABLE[7 * PIECES + i], d, TABLE[6 * PIECES + i]);
        p = Math.fma(p, d, TABLE[5 * PIECES + i]);
        p = Math.fma(p, d, TABLE[4 * PIECES + i]);
        p = Math.fma(p, d, TABLE[3 * PIECES + i]);
        p = Math.fma(p, d, TABLE[2 * PIECES + i]);
        return Math.fma(p, d, TABLE[PIECES + i]);
    }
}
