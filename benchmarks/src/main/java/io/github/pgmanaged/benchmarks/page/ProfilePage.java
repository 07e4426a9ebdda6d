package io.github.pgmanaged.benchmarks.page;

import io.github.pgmanaged.benchmarks.results.LeaseProfile;
import io.github.pgmanaged.benchmarks.results.LeaseProfile.Spent;
import io.github.pgmanaged.benchmarks.results.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** The tables of profiles, and their place in a page that is written by hand. */
public final class ProfilePage {
    private static final String BEGIN = "<!-- written by make bench-profile, from here -->";
    private static final String END = "<!-- to here -->";
    /** How many steps are told one by one. */
    private static final int STEPS = 16;

    private final List<LeaseProfile> profiles;
    private final StringBuilder text = new StringBuilder();

    private ProfilePage(List<LeaseProfile> profiles) {
        this.profiles = profiles;
    }

    /**
     * Puts the tables where the page has them; what else is in the page stays.
     *
     * @param page the page
     * @param tables see {@link #tables}
     * @throws IllegalStateException if the page has no place for them
     */
    public static void replace(Path page, String tables) throws IOException {
        String old = Files.readString(page);
        int from = old.indexOf(BEGIN);
        int to = old.indexOf(END, Math.max(from, 0));
        if (from < 0 || to < 0) {
            throw new IllegalStateException(page + " has no lines " + BEGIN + " and " + END);
        }
        Path beside = page.resolveSibling(page.getFileName() + ".new");
        Files.writeString(beside, old.substring(0, from) + BEGIN + "\n\n" + tables + "\n" + old.substring(to));
        Files.move(beside, page, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * The tables.
     *
     * @param day when, as yyyy-MM-dd
     * @param machine where
     * @param profiles the empty lease first; of the last, the steps are told, too
     * @return Markdown
     */
    public static String tables(String day, Machine machine, List<LeaseProfile> profiles) {
        ProfilePage page = new ProfilePage(profiles);
        page.addMachine(day, machine);
        page.addWhole();
        page.addRooms();
        LeaseProfile last = profiles.get(profiles.size() - 1);
        page.addSteps(profiles.get(0));
        page.addSteps(last);
        page.addCalls("The client's system calls", LeaseProfile::clientCalls);
        page.addCalls("The backend's system calls", LeaseProfile::serverCalls);
        return page.text.toString().stripTrailing() + "\n";
    }

    private void line(String... lines) {
        for (String each : lines) {
            text.append(each).append('\n');
        }
    }

    private void addMachine(String day, Machine machine) {
        line(
                day + "; " + machine.cpu() + ", " + machine.cores() + " cores, " + machine.memory() + "; "
                        + machine.system() + "; " + machine.jdk() + ", `" + machine.arguments() + "`; PostgreSQL "
                        + machine.server() + " on the same machine, over its Unix-domain socket; load before "
                        + machine.loadBefore() + ", after " + machine.loadAfter() + ".",
                "");
    }

    private void addWhole() {
        line("### A lease as a whole", "");
        Table table = table();
        add(table, "time from one lease to the next, µs", each -> each.nanos() / 1e3);
        add(table, "the client's CPU time, µs", each -> each.clientCpuNanos() / 1e3);
        add(table, "the backend's CPU time, µs", each -> each.serverCpuNanos() / 1e3);
        add(table, "bytes allocated", LeaseProfile::bytes);
        add(table, "the client's threads that went to sleep", LeaseProfile::clientSwitches);
        add(table, "the client's threads that were made to wait for a processor", LeaseProfile::clientPreempted);
        add(table, "how often the backend went to sleep", LeaseProfile::serverSwitches);
        add(table, "the client's system calls", each -> sum(each.clientCalls()));
        add(table, "the backend's system calls", each -> sum(each.serverCalls()));
        text.append(table);
    }

    private Table table() {
        List<String> heads = new ArrayList<>(List.of(""));
        profiles.forEach(each -> heads.add(each.title()));
        return new Table(1, heads.toArray(String[]::new));
    }

    private void add(Table table, String name, ToDoubleFunction<LeaseProfile> figure) {
        List<String> cells = new ArrayList<>(List.of(name));
        profiles.forEach(each -> cells.add(figure(figure.applyAsDouble(each))));
        table.add(cells.toArray(String[]::new));
    }

    /** A count that hardly occurs is none; below zero is what could not be measured. */
    private static String figure(double value) {
        return value < 0 ? Texts.digits(Double.NaN) : value < 0.0005 ? "0" : Texts.digits(value);
    }

    private static double sum(Map<String, Double> calls) {
        return calls.isEmpty()
                ? 0
                : calls.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    private void addRooms() {
        line("### The client's CPU time by room", "");
        line("Nanoseconds a lease; after the slash, how much of it was in the kernel.", "");
        Table table = table();
        Map<String, Long> rooms = new TreeMap<>();
        for (LeaseProfile profile : profiles.subList(profiles.size() - 1, profiles.size())) {
            profile.spent().forEach(each -> rooms.merge(each.room(), each.samples(), Long::sum));
        }
        profiles.forEach(profile -> profile.spent().forEach(each -> rooms.putIfAbsent(each.room(), 0L)));
        rooms.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .forEach(room -> addRoom(table, room.getKey()));
        List<String> cells = new ArrayList<>(List.of("samples"));
        profiles.forEach(each -> cells.add(Texts.count(each.samples())));
        table.add(cells.toArray(String[]::new));
        text.append(table);
    }

    private void addRoom(Table table, String room) {
        List<String> cells = new ArrayList<>(List.of(room));
        for (LeaseProfile profile : profiles) {
            long all = 0;
            long kernel = 0;
            for (Spent each : profile.spent()) {
                all += each.room().equals(room) ? each.samples() : 0;
                kernel += each.room().equals(room) && each.kernel() ? each.samples() : 0;
            }
            cells.add(
                    all == 0
                            ? ""
                            : nanos(profile.nanosOf(all)) + " / " + nanos(kernel == 0 ? 0 : profile.nanosOf(kernel)));
        }
        table.add(cells.toArray(String[]::new));
    }

    private static String nanos(double nanos) {
        return nanos < 0.05 ? "0" : nanos < 100 ? String.format(Locale.ROOT, "%.1f", nanos) : Texts.count(nanos);
    }

    private void addSteps(LeaseProfile profile) {
        line("### By step: " + profile.title(), "");
        Map<List<String>, Long> steps = new LinkedHashMap<>();
        profile.spent().forEach(each -> steps.merge(List.of(each.step(), each.room()), each.samples(), Long::sum));
        List<Map.Entry<List<String>, Long>> largest = steps.entrySet().stream()
                .sorted(Map.Entry.<List<String>, Long>comparingByValue(Comparator.reverseOrder()))
                .toList();
        Table table = new Table(2, "innermost method of ours or of the driver", "room", "ns a lease", "%");
        for (Map.Entry<List<String>, Long> each : largest.subList(0, Math.min(STEPS, largest.size()))) {
            addStep(
                    table,
                    profile,
                    "`" + each.getKey().get(0) + "`",
                    each.getKey().get(1),
                    each.getValue());
        }
        if (largest.size() > STEPS) {
            long rest = largest.subList(STEPS, largest.size()).stream()
                    .mapToLong(Map.Entry::getValue)
                    .sum();
            addStep(table, profile, (largest.size() - STEPS) + " others", "", rest);
        }
        text.append(table);
    }

    private static void addStep(Table table, LeaseProfile profile, String step, String room, long samples) {
        table.add(
                step,
                room,
                nanos(profile.nanosOf(samples)),
                String.format(Locale.ROOT, "%.1f", 100.0 * samples / profile.samples()));
    }

    private void addCalls(String title, Function<LeaseProfile, Map<String, Double>> calls) {
        List<String> names = profiles.stream()
                .flatMap(each -> calls.apply(each).keySet().stream())
                .distinct()
                .collect(Collectors.toList());
        if (names.isEmpty()) {
            return;
        }
        line("### " + title, "");
        Table table = table();
        for (String name : names) {
            add(table, "`" + name + "`", each -> calls.apply(each).getOrDefault(name, 0.0));
        }
        text.append(table);
    }
}
