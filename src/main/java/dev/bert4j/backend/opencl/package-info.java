/**
 * Runs a model on an OpenCL device through LWJGL. Weights go up once and activations stay there, as rows,
 * {@code [tokens][features]}; the kernels lie in {@code native/opencl} and compute the bits of the definition.
 */
package dev.bert4j.backend.opencl;
