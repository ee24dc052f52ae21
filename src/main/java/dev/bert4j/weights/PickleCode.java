package dev.bert4j.weights;

import dev.bert4j.weights.TorchObjects.Fault;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The instructions of pickles and what stands behind them: numbers, little-endian, and texts. */
final class PickleCode {
    private final ByteBuffer bytes;

    PickleCode(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    /** Where the next instruction is. */
    int position() {
        return bytes.position();
    }

    /** The next bytes, to be read little-endian. */
    ByteBuffer bytes(long count) throws Fault {
        if (count < 0 || count > bytes.remaining()) {
            throw new Fault("it asks for " + Long.toUnsignedString(count) + " bytes where only " + bytes.remaining()
                    + " are left; the file is damaged or was cut off");
        }
        ByteBuffer next = bytes.slice(bytes.position(), (int) count).order(ByteOrder.LITTLE_ENDIAN);
        bytes.position(bytes.position() + (int) count);
        return next;
    }

    /** A byte from 0 to 255. */
    int unsignedByte() throws Fault {
        return Byte.toUnsignedInt(bytes(1).get());
    }

    /** A number of any length, in two's complement; only the magic number of old files has more than 64 bits. */
    Object wholeNumber(int length) throws Fault {
        ByteBuffer number = bytes(length);
        if (length > Long.BYTES) {
            return new BigInteger(reversed(number));
        }
        long value = 0;
        for (int i = 0; i < length; i++) {
            value |= Byte.toUnsignedLong(number.get()) << 8 * i;
        }
        int unused = Long.SIZE - 8 * length;
        return length == 0 ? 0L : value << unused >> unused;
    }

    private static byte[] reversed(ByteBuffer number) {
        byte[] reversed = new byte[number.remaining()];
        for (int i = reversed.length - 1; i >= 0; i--) {
            reversed[i] = number.get();
        }
        return reversed;
    }

    /** A text of so many bytes. */
    String text(long length) throws Fault {
        ByteBuffer next = bytes(length);
        byte[] text = new byte[next.remaining()];
        next.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }

    /** A text up to the end of its line. */
    String line() throws Fault {
        int length = 0;
        while (length < bytes.remaining() && bytes.get(bytes.position() + length) != '\n') {
            length++;
        }
        String line = text(length);
        bytes(1);
        return line;
    }
}
