import {
  BasePlugin,
  type FieldNullability,
  type InputFieldMap,
  type PothosOutputFieldConfig,
  default as SchemaBuilder,
  type SchemaTypes,
  type TypeParam,
} from '@pothos/core';
import { GraphQLError, type GraphQLFieldResolver } from 'graphql';
import { type Operation, rolesFor } from '../access/policy.js';
import { mayDo } from '../access/viewer.js';
import { AppError, type ErrorCode } from '../errors.js';
import type { GraphQLContext } from './context.js';
import { Refusal } from './refusal.js';

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      access: AccessPlugin<Types>;
    }

    export interface FieldOptions<
      Types extends SchemaTypes = SchemaTypes,
      ParentShape = unknown,
      Type extends TypeParam<Types> = TypeParam<Types>,
      Nullable extends FieldNullability<Type> = FieldNullability<Type>,
      Args extends InputFieldMap = InputFieldMap,
      ResolveShape = unknown,
      ResolveReturnShape = unknown,
    > {
      /** The operations of the policy of which the viewer must be allowed one; else the field answers FORBIDDEN. */
      operations?: readonly Operation[];
      /** Codes of refusals that are members of the field's union instead of GraphQL errors. */
      refusals?: readonly ErrorCode[];
    }
  }
}

/** The operations a field demands, as they stand in its extensions; none for a field that reads nothing by itself. */
export function operationsOf(field: { extensions: Readonly<Record<string, unknown>> }): readonly Operation[] {
  return (field.extensions.operations as readonly Operation[] | undefined) ?? [];
}

/** Whether a field gives out prompts, answers or what tools were given and said; some say in their extensions that they may. */
export function disclosesContent(field: { extensions: Readonly<Record<string, unknown>> }): boolean {
  return operationsOf(field).includes('content.read') || field.extensions.quotesContent === true;
}

/** Holds each field to the access policy, and turns the refusals a field declares into values of its union. */
class AccessPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onOutputFieldConfig(config: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    const { operations } = config.pothosOptions;
    return operations === undefined ? config : { ...config, extensions: { ...config.extensions, operations } };
  }

  override wrapResolve(
    resolve: GraphQLFieldResolver<unknown, Types['Context'], object>,
    config: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    const { operations, refusals } = config.pothosOptions;
    // What names no operation reads nothing, so there is nothing it could refuse.
    if (operations === undefined) return resolve;
    const guarded = guard(resolve, operations);
    return keepPathApart(refusals === undefined ? guarded : returnRefusals(guarded, refusals));
  }

  override wrapSubscribe(
    subscribe: GraphQLFieldResolver<unknown, Types['Context'], object> | undefined,
    config: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> | undefined {
    const { operations } = config.pothosOptions;
    if (subscribe === undefined || operations === undefined) return subscribe;
    return keepPathApart(guard(subscribe, operations));
  }
}

type Resolve = GraphQLFieldResolver<unknown, object, object>;

function guard(resolve: Resolve, operations: readonly Operation[]): Resolve {
  return (parent, args, context, info) => {
    const { viewer } = context as GraphQLContext;
    if (operations.some((operation) => mayDo(viewer, operation))) return resolve(parent, args, context, info);
    const roles = new Set(operations.flatMap(rolesFor));
    throw new AppError('FORBIDDEN', `this needs one of the roles ${[...roles].join(', ')}`);
  };
}

/** graphql-js takes the path of an error for its place in the answer, and an AppError's is its place in the input. */
function keepPathApart(resolve: Resolve): Resolve {
  return async (parent, args, context, info) => {
    try {
      return await resolve(parent, args, context, info);
    } catch (error) {
      if (!(error instanceof AppError) || error.path === undefined) throw error;
      throw new GraphQLError(error.message, { originalError: error });
    }
  };
}

function returnRefusals(resolve: Resolve, codes: readonly ErrorCode[]): Resolve {
  return async (parent, args, context, info) => {
    try {
      return await resolve(parent, args, context, info);
    } catch (error) {
      if (error instanceof AppError && codes.includes(error.code)) return new Refusal(error);
      throw error;
    }
  };
}

SchemaBuilder.registerPlugin('access', AccessPlugin);
