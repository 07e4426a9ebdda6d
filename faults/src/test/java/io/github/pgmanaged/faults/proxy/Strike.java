package io.github.pgmanaged.faults.proxy;

/** What is done to a line when its moment has come. The line waits meanwhile, in both directions. */
@FunctionalInterface
public interface Strike {
    void on(Line line) throws Exception;
}
