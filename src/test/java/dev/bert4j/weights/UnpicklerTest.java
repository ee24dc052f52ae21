package dev.bert4j.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bert4j.weights.TorchWriter.Pickle;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The machine makes what torch.save describes, and refuses the rest in one sentence, soon and with little memory. */
class UnpicklerTest {
    private static final Path FILE = Path.of("pytorch_model.bin");

    private static Pickle start() {
        return new Pickle().op(0x80, 2);
    }

    private static Object load(Pickle pickle) throws CheckpointException {
        return new Unpickler(FILE, ByteBuffer.wrap(pickle.bytes())).load();
    }

    private static void assertRefused(Pickle pickle, String sentence) {
        String message = assertTimeoutPreemptively(Duration.ofSeconds(20),
                () -> assertThrows(CheckpointException.class, () -> load(pickle)).getMessage());
        assertTrue(message.startsWith(FILE + ": its pickle cannot be read at byte ") && message.contains(sentence),
                message);
        assertTrue(message.length() < 500, message);
    }

    @Test
    void values() throws Exception {
        Pickle pickle = start().op(']', '(', 'N', 0x88, 0x89, 'K', 200, 'M', 1, 2, 'J', 0xff, 0xff, 0xff, 0xff)
                .op(0x8a, 0, 0x8a, 1, 0x80, 0x8a, 2, 0, 1).number(Long.MIN_VALUE)
                .op('G', 0x3f, 0xf8, 0, 0, 0, 0, 0, 0).text("é").op('e', '.');
        assertEquals(Arrays.asList(null, true, false, 200L, 513L, -1L, 0L, -128L, 256L, Long.MIN_VALUE, 1.5, "é"),
                load(pickle));
        assertEquals(List.of(List.of(), List.of(1L), List.of(1L, 2L), List.of(1L, 2L, 3L), List.of()), load(start()
                .op('(', ')', 'K', 1, 0x85, 'K', 1, 'K', 2, 0x86, 'K', 1, 'K', 2, 'K', 3, 0x87, '(', 't', 't', '.')));
        assertEquals(Map.of("a", 1L, 2L, "b"), load(start().op('}').text("a").op('K', 1, 's', '(', 'K', 2).text("b")
                .op('u', '.')));
        assertEquals(List.of(3L, 4L), load(start().global("torch", "Size").op('K', 3, 'K', 4, 0x86, 0x85, 'R', '.')));
        assertEquals(DType.BF16, load(start().global("torch", "bfloat16").op('.')));
    }

    @Test
    void theMemoKeepsWhatIsOneObjectOne() throws Exception {
        Object value = load(start().op(']', 'r', 0, 1, 0, 0, 'j', 0, 1, 0, 0, 0x86, '.'));
        assertTrue(value instanceof List<?> list && list.get(0) == list.get(1) && list.get(0) instanceof ArrayList);
    }

    @ParameterizedTest
    @CsvSource({"posix, system", "os, system", "builtins, eval", "__builtin__, getattr", "torch, load",
        "torch._utils, _rebuild_qtensor", "torch.nn.modules.linear, Linear", "collections, defaultdict",
        "torch, QInt8Storage", "torch._utils, _rebuild_tensor_v2.__globals__", "'', ''"})
    void otherNamesAreRefusedByName(String module, String name) {
        assertRefused(start().global(module, name), "at byte 2: it names the Python object \"" + module + "." + name
                + "\", and only what plain tensors need is read; nothing of it was executed");
        assertRefused(start().text(module).text(name).op(0x93), "it names the Python object \"" + module);
    }

    @Test
    void aLongOrStrangeNameIsCut() {
        assertRefused(start().global("m".repeat(100_000), "n\u0007"), "mmm…\"");
        assertRefused(start().global("m", "\u0007"), "m.\\u0007");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, '0', '2', 'C', 'F', 'P', 'S', 'U', 'V', 'd', 'i', 'o', 'l', 'p', 0x81, 0x82, 0x8b, 0x8e,
        0x8f, 0x92, 0x97, 0xff})
    void otherInstructionsAreRefused(int instruction) {
        assertRefused(start().op(instruction, 0, 0, 0, 0, 0, 0, 0, 0),
                String.format("at byte 2: the instruction 0x%02x is none that torch.save writes", instruction));
    }

    @Test
    void instructionsTakeOnlyWhatIsThere() {
        for (int instruction : new int[] {'.', 0x85, 0x86, 0x87, 'a', 's', 'q', 0x94, 'R', 'Q', 'b', 0x93}) {
            assertRefused(start().op(instruction, 0), "it takes a value that it has not made");
            assertRefused(start().op('K', 1, 'K', 2, 'K', 3, '(', instruction, 0), "a value that it has not made");
        }
        for (int instruction : new int[] {'t', 'e', 'u'}) {
            assertRefused(start().op('K', 1, instruction), "it takes a mark that it has not set");
        }
        assertRefused(start().op('h', 3), "it takes number 3 from its memo, which is not there");
        assertRefused(start().op('j', 0xff, 0xff, 0xff, 0xff), "it takes number 4294967295 from its memo");
        assertRefused(start().op('K', 1, 'K', 2, 'a'), "it adds to what is not a list");
        assertRefused(start().op(')', 'K', 2, 'a'), "it adds to what is not a list");
        assertRefused(start().op(')', 'K', 2, 'K', 2, 's'), "into what is not a dict");
        assertRefused(start().op('}', '(', 'K', 2, 'u'), "it puts what is not keys and values");
        assertRefused(start().op('}', ')', 'K', 2, 's'), "the keys of a dict must be numbers or strings");
        assertRefused(start().op('}').text("k".repeat(1001)).op('K', 2, 's'), "of at most 1000 characters");
        assertRefused(start().op(']', '}', 'b'), "it sets attributes of what is not a dict");
        assertRefused(start().op('K', 1, 'K', 2, 0x93), "it names a Python object by what is not a string");
        assertRefused(start().op('K', 1, ')', 'R'), "it calls what is not one of PyTorch's functions");
        assertRefused(start().global("torch", "float32").op(')', 'R'), "it calls what is not one of PyTorch's");
        assertRefused(start().op('K', 1, 'Q'), "it refers to something that is not a storage of numbers");
        assertRefused(new Pickle().op(0x80, 0), "its protocol is 0, and 2 to 5 are read");
    }

    @Test
    void callsTakeTheirArguments() {
        for (String name : List.of("_rebuild_tensor_v2", "_rebuild_tensor_v3", "_rebuild_parameter")) {
            assertRefused(start().global("torch._utils", name).op(')', 'R'), "it calls torch._utils." + name
                    + " with 0 arguments that are not those of plain tensors");
        }
        assertRefused(start().global("collections", "OrderedDict").op(']', 0x85, 'R'), "with 1 arguments");
        assertRefused(start().global("torch._utils", "_rebuild_tensor_v2").op('(', 'N', 'N', 'N', 'N', 'N', 'N', 't')
                .op('R'), "it makes a tensor of something that is not a storage, an offset, sizes and strides");
        assertRefused(start().global("torch._utils", "_rebuild_tensor_v2").op('(').storage("0", "FloatStorage 1")
                .op('K', 0).numbers(1).op('N', 0x85, 'N', 'N', 't', 'R'), "sizes or strides are not whole numbers");
        assertRefused(start().global("torch._utils", "_rebuild_tensor_v2").op('(').storage("0", "FloatStorage 1")
                .op('K', 0).numbers(new long[65]).numbers(1).op('N', 'N', 't', 'R'), "a tensor of 65 dimensions");
        // A view that is negated, as its metadata says.
        assertRefused(start().global("torch._utils", "_rebuild_tensor_v2").op('(').storage("0", "FloatStorage 1")
                .op('K', 0).numbers(1).numbers(1).op('N', 'N', '}').text("neg").op(0x88, 's', 't', 'R'),
                "with 7 arguments that are not those of plain tensors");
        assertRefused(start().storage("0", "FloatStorage 1").storage("0", "HalfStorage 2"), "it says of the storage"
                + " \"0\" both that it has 1 elements of F32 and 2 of F16");
    }

    @Test
    void lengthsAreBelievedWhereTheBytesAreThere() {
        assertRefused(start().op('X', 0xff, 0xff, 0xff, 0xff), "it asks for 4294967295 bytes where only 0 are left");
        assertRefused(start().op(0x8d, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 'a'),
                "it asks for 18446744073709551615 bytes where only 1 are left");
        assertRefused(start().op(0x8c, 2, 'a'), "the file is damaged or was cut off");
        assertRefused(start().op('c', 'a', 'b'), "it asks for 1 bytes where only 0 are left");
        assertRefused(start(), "it asks for 1 bytes");
    }

    @Test
    void depthIsNoDanger() throws Exception {
        Pickle deep = start().op(')');
        Pickle marks = start();
        for (int i = 0; i < 400_000; i++) {
            deep.op(0x85);
            marks.op('(');
        }
        load(deep.op('.'));
        assertRefused(marks, "it asks for 1 bytes");
        // A list in itself, and one that doubles thirty times.
        load(start().op(']', 'q', 0, 'h', 0, 'a', '.'));
        Pickle laughs = start().op(')', 'q', 0);
        for (int i = 0; i < 30; i++) {
            laughs.op('h', i, 'h', i, 0x86, 'q', i + 1);
        }
        load(laughs.op('.'));
    }

    @Test
    void stepsAreBounded() {
        Pickle endless = start();
        for (int i = 0; i < 500_001; i++) {
            endless.op('}');
        }
        assertRefused(endless, "it takes more than 500000 steps");
    }

    /** Each of many steps would compare, copy or walk through the same large value. */
    @Test
    void workOfAStepIsBounded() {
        Pickle sizes = start().op('(');
        for (int i = 0; i < 200_000; i++) {
            sizes.op('N');
        }
        sizes.op('t', 'q', 0);
        for (int i = 0; i < 50_000; i++) {
            sizes.global("torch", "Size").op('h', 0, 0x85, 'R');
        }
        assertRefused(sizes.global("torch._utils", "_rebuild_tensor_v2").op('(').storage("0", "FloatStorage 1")
                .op('K', 0, 'h', 0, 'h', 0, 'N', 'N', 't', 'R'), "a tensor of 200000 dimensions");
    }
}
