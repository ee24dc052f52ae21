package dev.bert4j.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class OptionsTest {
    @Test
    void flagsStandAlone() {
        Options options = new Options(new String[] {"--quick", "--threads", "1,2", "--json"}, "--quick", "--json");
        assertTrue(options.flag("--quick"));
        assertTrue(options.flag("--json"));
        assertArrayEquals(new int[] {1, 2}, options.numbers("--threads", "4"));
        options.refuseOthers();
        assertFalse(new Options(new String[0], "--quick").flag("--quick"));
    }

    @Test
    void valuesMayRepeat() {
        Options options = new Options(new String[] {"--jvm", "-Xmx1g", "--jvm", "-Xms1g", "--slice", "0.5"});
        assertEquals(List.of("-Xmx1g", "-Xms1g"), options.all("--jvm"));
        assertEquals(500_000_000L, options.nanos("--slice", 1));
        assertEquals(7, options.number("--rounds", 7));
    }

    @Test
    void refusesWhatNobodyTook() {
        Options options = new Options(new String[] {"--row", "x"}, "--quick");
        var refusal = assertThrows(IllegalArgumentException.class, options::refuseOthers);
        assertEquals("There is no option --row; there are --quick.", refusal.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new Options(new String[] {"--rows"}));
        assertThrows(IllegalArgumentException.class, () -> new Options(new String[] {"rows", "x"}));
    }
}
