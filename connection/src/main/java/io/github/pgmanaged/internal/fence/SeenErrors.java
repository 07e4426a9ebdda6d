package io.github.pgmanaged.internal.fence;

import java.lang.ref.WeakReference;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The errors that a lease's calls have raised, as long as somebody else has them. They are foreign objects, and are
 * asked nothing: neither whether they are equal, nor for a hash.
 *
 * <p>Thread safety: none; the {@link CallLog} guards it.
 */
final class SeenErrors {
    private static final int FEW = 32;

    private final List<WeakReference<SQLException>> errors = new ArrayList<>(0);
    private int many = FEW;

    void add(SQLException error) {
        if (errors.size() >= many) {
            errors.removeIf(known -> known.refersTo(null));
            many = Math.max(FEW, 2 * errors.size());
        }
        errors.add(new WeakReference<>(error));
    }

    boolean contains(Throwable error) {
        return errors.stream().anyMatch(known -> known.get() == error);
    }
}
