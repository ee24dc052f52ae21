package dev.bert4j.weights;

import dev.bert4j.weights.TorchObjects.Fault;
import dev.bert4j.weights.TorchObjects.Storage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads what {@code torch.save} pickles: the instructions of protocol 2 that describe tensors by name, and the frames
 * and short forms of protocol 4.
 *
 * <p>A pickle is a program for a machine with a stack and a memo. This machine makes strings, numbers, lists, maps, and
 * what {@link TorchObjects} knows; whatever else is asked of it is refused. It takes a bounded number of steps, each of
 * bounded work and memory, and never descends into what it made, so that values may be as deep, as often shared or as
 * circular as they like.
 */
final class Unpickler {
    /** A tensor by name takes some 150 bytes and 30 steps: enough for fifteen thousand. */
    static final int MOST_BYTES = 16 << 20;
    private static final int MOST_STEPS = 500_000;
    /** To compare long keys again and again would take long. */
    private static final int LONGEST_KEY = 1000;

    private final Path file;
    private final PickleCode code;
    private final List<Object> stack = new ArrayList<>();
    /** How high the stack was at each mark. */
    private final List<Integer> marks = new ArrayList<>();
    private final Map<Integer, Object> memo = new HashMap<>();
    private final Map<String, Storage> storages = new HashMap<>();

    /**
     * A machine for the pickles of a buffer, one {@link #load} each.
     *
     * @param file where they are from, for errors
     */
    Unpickler(Path file, ByteBuffer code) {
        this.file = file;
        this.code = new PickleCode(code);
    }

    /** The storages that the pickles so far refer to, by key. */
    Map<String, Storage> storages() {
        return storages;
    }

    /** Runs the next pickle and returns its value, as {@link TorchObjects} lists them. */
    Object load() throws CheckpointException {
        stack.clear();
        marks.clear();
        memo.clear();
        int start = code.position();
        try {
            for (int steps = 0; steps < MOST_STEPS; steps++) {
                start = code.position();
                int instruction = Byte.toUnsignedInt(code.bytes(1).get());
                if (instruction == '.') {
                    return pop();
                }
                run(instruction);
            }
            throw new Fault("it takes more than " + MOST_STEPS + " steps");
        } catch (Fault e) {
            throw new CheckpointException(file, "its pickle cannot be read at byte " + start + ": " + e.getMessage());
        }
    }

    private void run(int instruction) throws Fault {
        switch (instruction) {
            case 0x80 -> protocol(code.unsignedByte()); // PROTO
            case 0x95 -> code.bytes(Long.BYTES); // FRAME: its length helps who reads from a stream
            case '(' -> marks.add(stack.size()); // MARK
            case 'N' -> stack.add(null); // NONE
            case 0x88 -> stack.add(true); // NEWTRUE
            case 0x89 -> stack.add(false); // NEWFALSE
            case 'J' -> stack.add((long) code.bytes(4).getInt()); // BININT
            case 'K' -> stack.add((long) code.unsignedByte()); // BININT1
            case 'M' -> stack.add((long) Short.toUnsignedInt(code.bytes(2).getShort())); // BININT2
            case 0x8a -> stack.add(code.wholeNumber(code.unsignedByte())); // LONG1
            case 'G' -> stack.add(code.bytes(8).order(ByteOrder.BIG_ENDIAN).getDouble()); // BINFLOAT
            case 'X' -> stack.add(code.text(Integer.toUnsignedLong(code.bytes(4).getInt()))); // BINUNICODE
            case 0x8c -> stack.add(code.text(code.unsignedByte())); // SHORT_BINUNICODE
            case 0x8d -> stack.add(code.text(code.bytes(8).getLong())); // BINUNICODE8
            case ')' -> stack.add(List.of()); // EMPTY_TUPLE
            case 0x85 -> stack.add(tuple(1)); // TUPLE1
            case 0x86 -> stack.add(tuple(2)); // TUPLE2
            case 0x87 -> stack.add(tuple(3)); // TUPLE3
            case 't' -> stack.add(tuple(sinceMark())); // TUPLE
            case ']' -> stack.add(new ArrayList<>()); // EMPTY_LIST
            case 'a' -> append(1); // APPEND
            case 'e' -> append(sinceMark()); // APPENDS
            case '}' -> stack.add(new LinkedHashMap<>()); // EMPTY_DICT
            case 's' -> put(2); // SETITEM
            case 'u' -> put(sinceMark()); // SETITEMS
            case 'q' -> memo.put(code.unsignedByte(), top()); // BINPUT
            case 'r' -> memo.put(code.bytes(4).getInt(), top()); // LONG_BINPUT
            case 0x94 -> memo.put(memo.size(), top()); // MEMOIZE
            case 'h' -> stack.add(remembered(code.unsignedByte())); // BINGET
            case 'j' -> stack.add(remembered(code.bytes(4).getInt())); // LONG_BINGET
            case 'c' -> stack.add(TorchObjects.global(code.line(), code.line())); // GLOBAL
            case 0x93 -> globalOfStack(); // STACK_GLOBAL
            case 'R' -> callFunction(); // REDUCE
            case 'Q' -> stack.add(storage()); // BINPERSID
            case 'b' -> setState(); // BUILD
            default -> throw new Fault(String.format("the instruction 0x%02x is none that torch.save writes",
                    instruction));
        }
    }

    private static void protocol(int version) throws Fault {
        if (version < 2 || version > 5) {
            throw new Fault("its protocol is " + version + ", and 2 to 5 are read");
        }
    }

    private Object top() throws Fault {
        require(1);
        return stack.getLast();
    }

    private Object pop() throws Fault {
        require(1);
        return stack.removeLast();
    }

    /** What lies below the last mark is not there for an instruction. */
    private void require(int count) throws Fault {
        if (stack.size() - (marks.isEmpty() ? 0 : marks.getLast()) < count) {
            throw new Fault("it takes a value that it has not made");
        }
    }

    /** Removes the last mark; returns how many values are above it. */
    private int sinceMark() throws Fault {
        if (marks.isEmpty()) {
            throw new Fault("it takes a mark that it has not set");
        }
        return stack.size() - marks.removeLast();
    }

    /** Takes the upper values from the stack. */
    private List<Object> take(int count) throws Fault {
        require(count);
        List<Object> upper = stack.subList(stack.size() - count, stack.size());
        List<Object> taken = Arrays.asList(upper.toArray());
        upper.clear();
        return taken;
    }

    private List<Object> tuple(int count) throws Fault {
        return Collections.unmodifiableList(take(count));
    }

    @SuppressWarnings("unchecked")
    private void append(int count) throws Fault {
        List<Object> values = take(count);
        if (!(top() instanceof ArrayList<?> list)) {
            throw new Fault("it adds to what is not a list");
        }
        ((ArrayList<Object>) list).addAll(values);
    }

    @SuppressWarnings("unchecked")
    private void put(int count) throws Fault {
        List<Object> values = take(count);
        if (!(top() instanceof LinkedHashMap<?, ?> map) || count % 2 != 0) {
            throw new Fault("it puts what is not keys and values into what is not a dict");
        }
        for (int i = 0; i < count; i += 2) {
            Object key = values.get(i);
            if (!(key instanceof String text && text.length() <= LONGEST_KEY || key instanceof Long)) {
                throw new Fault("the keys of a dict must be numbers or strings of at most " + LONGEST_KEY
                        + " characters");
            }
            ((LinkedHashMap<Object, Object>) map).put(key, values.get(i + 1));
        }
    }

    private Object remembered(int number) throws Fault {
        if (!memo.containsKey(number)) {
            throw new Fault("it takes number " + Integer.toUnsignedString(number) + " from its memo, which is not"
                    + " there");
        }
        return memo.get(number);
    }

    private void globalOfStack() throws Fault {
        if (!(pop() instanceof String name && pop() instanceof String module)) {
            throw new Fault("it names a Python object by what is not a string");
        }
        stack.add(TorchObjects.global(module, name));
    }

    private void callFunction() throws Fault {
        Object arguments = pop();
        stack.add(TorchObjects.call(pop(), arguments));
    }

    private Storage storage() throws Fault {
        Storage storage = TorchObjects.persistent(pop());
        Storage before = storages.putIfAbsent(storage.key(), storage);
        if (before != null && !before.equals(storage)) {
            throw new Fault("it says of the storage " + TorchObjects.shortened(storage.key()) + " both that it has "
                    + before.count() + " elements of " + before.dtype() + " and " + storage.count() + " of "
                    + storage.dtype());
        }
        return storage;
    }

    /** Attributes of a dict: PyTorch's {@code _metadata}, which says nothing of tensors. */
    private void setState() throws Fault {
        pop();
        if (!(top() instanceof Map<?, ?>)) {
            throw new Fault("it sets attributes of what is not a dict");
        }
    }
}
