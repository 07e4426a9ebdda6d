package io.github.pgmanaged.micrometer;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The meters in a registry that one binding has put there. A registry answers with the meter that it has, if one of the
 * name and tags is there, and whoever fed that too would count twice.
 *
 * <p>Thread safety: none.
 */
final class OwnMeters {
    private final MeterRegistry registry;
    private final Set<Meter> before = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<Meter> own = new ArrayList<>();
    private final Set<String> foreign = new TreeSet<>();

    OwnMeters(MeterRegistry registry) {
        this.registry = registry;
        before.addAll(registry.getMeters());
    }

    /**
     * Registers a meter.
     *
     * @param register does it
     * @param substitute what is fed in its place if it is not ours
     */
    <M extends Meter> M add(Function<MeterRegistry, M> register, Function<Meter.Id, M> substitute) {
        M meter = register.apply(registry);
        if (before.contains(meter)) {
            foreign.add(meter.getId().getName());
            return substitute.apply(meter.getId());
        }
        own.add(meter);
        return meter;
    }

    /** Registers a meter that nobody feeds, since it looks for itself. */
    <M extends Meter> void add(Function<MeterRegistry, M> register) {
        M meter = register.apply(registry);
        if (before.contains(meter)) {
            foreign.add(meter.getId().getName());
        } else {
            own.add(meter);
        }
    }

    /** The names of the meters that somebody else has registered. */
    Set<String> foreign() {
        return foreign;
    }

    /** Unregisters what was registered. */
    void remove() {
        own.forEach(registry::remove);
    }
}
