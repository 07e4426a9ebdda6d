package io.github.pgmanaged.conninfo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Strings mean under an environment what they mean to the real libpq. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class LibpqResolveTest {
    private static final int ENVIRONMENTS = Integer.getInteger("pgmanaged.conninfo.environments", 1_000);
    private static final String FROM_FILE = "a password from a file";
    private static final String SERVICE = "a service";
    private static final Comparator<Candidates.Candidate> ORDER = Comparator.comparing(Candidates.Candidate::toString);

    @TempDir
    private Path directory;

    @Test
    void generated_environments_mean_what_they_mean_to_libpq() throws IOException {
        Comparison comparison = compare(Seed.ofThisRun(), ENVIRONMENTS, Ours::resolve);
        comparison.finish("Environments");
    }

    @Test
    void the_comparison_finds_no_fault_with_libpq_itself() throws IOException {
        Comparison comparison = compare(Seed.fixed(3), 1_000, LibpqResolveTest::libpq);
        assertThat(comparison.acceptedShare()).isBetween(0.3, 0.8);
        assertThat(comparison.notes(FROM_FILE)).isGreaterThan(50);
        assertThat(comparison.notes(SERVICE)).isGreaterThan(50);
        comparison.finish("libpq with itself");
    }

    @Test
    void the_comparison_sees_a_wrong_password() throws IOException {
        Comparison comparison = compare(Seed.fixed(3), 300, world -> {
            Ours.Resolved right = libpq(world);
            List<Candidates.Candidate> wrong = right.candidates().stream()
                    .map(c -> new Candidates.Candidate(c.host(), c.port(), c.password() + "x"))
                    .toList();
            return new Ours.Resolved(right.options(), wrong, "");
        });
        assertThat(comparison.wrong()).isEqualTo(Math.round(comparison.acceptedShare() * 300));
    }

    private Comparison compare(Seed seed, int worlds, Function<World, Ours.Resolved> resolver) throws IOException {
        Comparison comparison = new Comparison();
        for (int i = 0; i < worlds; i++) {
            Path home = directory.resolve("w" + i);
            World world = Environments.make(seed.next(), home);
            world.write();
            compare(world, resolver, comparison, seed + "\n" + world);
            LibpqArchive.delete(home);
        }
        return comparison;
    }

    private static void compare(
            World world, Function<World, Ours.Resolved> resolver, Comparison comparison, String repetition) {
        String conninfo = world.conninfo();
        Libpq.Resolved libpq = Libpq.resolve(conninfo, world.variables());
        Ours.Resolved ours;
        try {
            ours = resolver.apply(world);
        } catch (RuntimeException e) {
            comparison.bug("thrown: " + e, conninfo, repetition);
            return;
        }
        comparison.add(conninfo, Disagreements.whenConnecting(libpq, ours.options()), ours.options(), repetition);
        if (ours.shown().contains(OptionValues.SECRET)) {
            comparison.bug("shown: " + ours.shown(), conninfo, repetition);
        }
        if (libpq.options().equals(ours.options()) && ours.options().accepted()) {
            compareWhole(world, libpq, ours, comparison, repetition);
        }
    }

    /** What equal options leave to differ. */
    private static void compareWhole(
            World world, Libpq.Resolved libpq, Ours.Resolved ours, Comparison comparison, String repetition) {
        List<String> order = List.copyOf(libpq.options().values().keySet());
        if (!order.equals(List.copyOf(ours.options().values().keySet()))) {
            comparison.bug("order of " + ours.options(), world.conninfo(), repetition);
        }
        List<Candidates.Candidate> theirs = Candidates.of(world, libpq);
        if (libpq.options().values().containsKey("service")) {
            comparison.note(SERVICE);
        }
        if (!libpq.options().values().containsKey("password")
                && theirs.stream().anyMatch(c -> !c.password().isEmpty())) {
            comparison.note(FROM_FILE);
        }
        // libpq may have shuffled them; ours may or may not be.
        if (!sorted(theirs).equals(sorted(ours.candidates()))) {
            comparison.bug("libpq: " + theirs + "\n ours: " + ours.candidates(), world.conninfo(), repetition);
        }
    }

    private static List<Candidates.Candidate> sorted(List<Candidates.Candidate> candidates) {
        return candidates.stream().sorted(ORDER).toList();
    }

    private static Ours.Resolved libpq(World world) {
        Libpq.Resolved libpq = Libpq.resolve(world.conninfo(), world.variables());
        boolean one = libpq.options().accepted()
                && !libpq.options().values().getOrDefault("host", "").contains(",")
                && !libpq.options().values().getOrDefault("hostaddr", "").contains(",");
        List<Candidates.Candidate> candidates = one
                // The straight way, where libpq has only one host to be at.
                ? List.of(new Candidates.Candidate(libpq.host(), Candidates.number(libpq.port()), libpq.password()))
                : libpq.options().accepted() ? Candidates.of(world, libpq) : List.of();
        return new Ours.Resolved(libpq.options(), candidates, "");
    }
}
