package dev.bert4j.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Which texts go into one call, for engines that pad the texts of a call to the longest of them. */
enum Batches {
    /** In the order in which the texts come, as a program does that does not think about it. */
    GIVEN {
        @Override
        List<int[][]> plans(List<int[]> texts) {
            List<Integer> order = order(texts);
            return texts.size() <= MANY ? List.<int[][]>of(cut(order, texts.size()))
                    : List.of(cut(order, texts.size()), cut(order, 32));
        }
    },
    /** Sorted by length first, so that little is padded; the size of a batch that suits an engine must be tried. */
    BUCKETS {
        @Override
        List<int[][]> plans(List<int[]> texts) {
            List<Integer> order = order(texts);
            order.sort(Comparator.comparing(i -> texts.get(i).length));
            return IntStream.of(1, 2, 4, 8, 16, 32).filter(size -> size <= texts.size())
                    .mapToObj(size -> cut(order, size)).toList();
        }
    };

    /** Above this many texts one batch may be too large to be fast. */
    private static final int MANY = 64;

    /** The ways to be tried; the fastest counts. */
    abstract List<int[][]> plans(List<int[]> texts);

    private static List<Integer> order(List<int[]> texts) {
        return new ArrayList<>(IntStream.range(0, texts.size()).boxed().toList());
    }

    private static int[][] cut(List<Integer> order, int size) {
        int[][] batches = new int[(order.size() + size - 1) / size][];
        for (int i = 0; i < batches.length; i++) {
            batches[i] = order.subList(i * size, Math.min((i + 1) * size, order.size())).stream()
                    .mapToInt(Integer::intValue).toArray();
        }
        return batches;
    }

    /** Whether any text of such batches needs padding. */
    static boolean padded(List<int[]> texts, int[][] batches) {
        for (int[] batch : batches) {
            if (IntStream.of(batch).map(i -> texts.get(i).length).distinct().count() > 1) {
                return true;
            }
        }
        return false;
    }
}
