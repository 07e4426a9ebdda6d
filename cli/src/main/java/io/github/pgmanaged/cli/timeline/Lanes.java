package io.github.pgmanaged.cli.timeline;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which thread is which: by its number, and by its name alone where a recording has lost the number. */
final class Lanes {
    private static final Pattern DIGITS = Pattern.compile("[0-9]+");
    private static final int WIDEST = 20;

    private final Map<Long, String> names = new HashMap<>();
    private final Map<String, Long> unnumbered = new HashMap<>();

    /**
     * A key of a thread.
     *
     * @param number its number in Java; 0 if the recording has lost it
     * @param name null if unknown
     */
    long key(long number, @Nullable String name) {
        if (number <= 0) {
            String known = name == null ? "a thread that has ended" : name;
            return unnumbered.computeIfAbsent(known, first -> -1L - unnumbered.size());
        }
        if (name != null && !name.isEmpty()) {
            names.put(number, name); // the last one, if it was renamed
        } else {
            names.putIfAbsent(number, "thread #" + number);
        }
        return number;
    }

    /** The positions and the names of the threads that have these keys. */
    Layout layOut(Set<Long> used) {
        Map<String, List<Long>> byName = new HashMap<>();
        names.forEach((number, name) -> {
            if (used.contains(number)) {
                byName.computeIfAbsent(name, first -> new ArrayList<>()).add(number);
            }
        });
        Map<Long, Long> same = new HashMap<>();
        Map<Long, String> shown = new HashMap<>();
        byName.forEach((name, numbers) ->
                numbers.forEach(number -> shown.put(number, numbers.size() == 1 ? name : name + " (#" + number + ")")));
        unnumbered.forEach((name, key) -> {
            List<Long> numbers = byName.getOrDefault(name, List.of());
            if (numbers.size() == 1) {
                same.put(key, numbers.get(0));
            } else if (used.contains(key)) {
                shown.put(key, numbers.isEmpty() ? name : name + " (one of them)");
            }
        });
        List<Long> order = new ArrayList<>(shown.keySet());
        order.sort(Comparator.comparing((Long key) -> natural(shown.getOrDefault(key, "")))
                .thenComparing(Comparator.naturalOrder()));
        Map<Long, Integer> positions = new HashMap<>();
        order.forEach(key -> positions.put(key, positions.size()));
        same.forEach((key, number) -> positions.put(key, positions.getOrDefault(number, 0)));
        return new Layout(distinct(order, shown), positions);
    }

    /** A thread may be called just what another one is shown as. */
    private static List<String> distinct(List<Long> order, Map<Long, String> shown) {
        Set<String> taken = new HashSet<>();
        List<String> distinct = new ArrayList<>();
        for (Long key : order) {
            String name = shown.getOrDefault(key, "");
            while (!taken.add(name)) {
                name += "'";
            }
            distinct.add(name);
        }
        return distinct;
    }

    /** So that worker-2 comes before worker-10. */
    private static String natural(String name) {
        return DIGITS.matcher(name)
                .replaceAll(digits ->
                        "0".repeat(Math.max(0, WIDEST - digits.group().length())) + digits.group());
    }

    /**
     * Where each thread is.
     *
     * @param names from top to bottom
     * @param positions of each key
     */
    record Layout(List<String> names, Map<Long, Integer> positions) {
        int of(long key) {
            return positions.getOrDefault(key, Mark.NO_LANE);
        }
    }
}
