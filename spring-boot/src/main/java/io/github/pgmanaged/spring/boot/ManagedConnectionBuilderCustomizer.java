package io.github.pgmanaged.spring.boot;

import io.github.pgmanaged.ManagedConnection;

/**
 * A bean that changes the builder of the auto-configured {@link ManagedConnection}, after the properties have: for
 * {@link ManagedConnection.Builder#onOpen}, which no property can express. Several are called in their order.
 */
@FunctionalInterface
public interface ManagedConnectionBuilderCustomizer {
    /**
     * Changes the builder.
     *
     * @param builder has the options of the properties
     */
    void customize(ManagedConnection.Builder builder);
}
