package io.r2dbc.spi;

/** Only its name is looked at. */
public interface ConnectionFactory {}
