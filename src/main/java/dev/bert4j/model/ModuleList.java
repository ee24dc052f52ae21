package dev.bert4j.model;

import java.util.ArrayList;
import java.util.List;

/** Modules by number. Neighbours that print alike are printed once, with their number. */
public final class ModuleList<M extends BertModule> extends BertModule {
    private final List<M> modules;

    ModuleList(List<M> modules) {
        this.modules = List.copyOf(modules);
        for (int i = 0; i < modules.size(); i++) {
            add(String.valueOf(i), modules.get(i));
        }
    }

    /** Module i. */
    public M get(int i) {
        return modules.get(i);
    }

    /** How many there are. */
    public int size() {
        return modules.size();
    }

    @Override
    List<String> printedChildren() {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < modules.size();) {
            String printed = modules.get(i).toString();
            int end = i + 1;
            while (end < modules.size() && modules.get(end).toString().equals(printed)) {
                end++;
            }
            int count = end - i;
            lines.add(count == 1 ? "(" + i + "): " + printed
                    : "(" + i + "-" + (end - 1) + "): " + count + " x " + printed);
            i = end;
        }
        return lines;
    }
}
